//! Every command that the guides show is one that the program understands.

use std::path::Path;

use clap::Parser as _;
use clap::error::ErrorKind;

use super::Cli;

/// A command as a guide shows it.
#[derive(Debug)]
struct Shown {
    at: String,
    words: Vec<String>,
    /// Whether it can be typed as it is; in the middle of a sentence it may be a mere mention.
    whole: bool,
}

#[test]
fn every_command_of_the_guides_is_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md"), root.join("docker-compose.yml"), root.join("docs/protocols.md")];
    let guides = std::fs::read_dir(root.join("docs/guides")).unwrap().flatten().map(|file| file.path());
    files.extend(guides.filter(|file| file.extension().is_some_and(|extension| extension == "md")));
    let (mut seen, mut wrong) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for Shown { at, words, whole } in commands(&file.file_name().unwrap().to_string_lossy(), &text) {
            seen += 1;
            let Err(error) = Cli::try_parse_from(&words) else { continue };
            let mention = [
                ErrorKind::MissingRequiredArgument,
                ErrorKind::MissingSubcommand,
                ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            ];
            let shows = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion].contains(&error.kind());
            let half = error.to_string().contains("but none was supplied");
            let mentioned = !whole && (half || mention.contains(&error.kind()));
            if !shows && !mentioned {
                wrong.push(format!("{at}: {}\n{error}", words.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 120, "the walk has lost its way: {seen}");
}

/// Commands in blocks, and those between back-ticks in sentences and tables.
fn commands(name: &str, text: &str) -> Vec<Shown> {
    let (mut all, mut within, mut begun) = (Vec::new(), None::<bool>, String::new());
    for (number, line) in text.lines().enumerate() {
        let at = format!("{name}:{}", number + 1);
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            within = if within.is_some() { None } else { Some(["", "sh", "bash", "console"].contains(&kind.trim())) };
            continue;
        }
        match within {
            Some(true) => {
                begun += line.trim_start_matches("$ ");
                if begun.ends_with('\\') {
                    begun.pop();
                    continue;
                }
                let line = std::mem::take(&mut begun);
                all.extend(simple(&line).into_iter().map(|words| Shown { at: at.clone(), words, whole: true }));
            }
            Some(false) => {}
            None => {
                let mentions = line.split('`').skip(1).step_by(2).filter(|code| code.contains("chancery "));
                for code in mentions.filter(|code| !code.contains('…')) {
                    let found = simple(&code.replace("\\|", "|"));
                    all.extend(found.into_iter().map(|words| Shown { at: at.clone(), words, whole: false }));
                }
            }
        }
    }
    all
}

/// What starts other programs that start this one.
const STARTERS: [&str; 4] = ["docker", "podman", "sudo", "systemd-run"];

/// The commands of this program in a line of the shell, from its name on.
fn simple(line: &str) -> Vec<Vec<String>> {
    let (mut all, mut inner) = (vec![Vec::new()], Vec::new());
    for word in words(line, &mut inner) {
        match word.as_str() {
            "|" | "&&" | "||" | ";" => all.push(Vec::new()),
            _ => all.last_mut().unwrap().push(word),
        }
    }
    let mut found: Vec<_> = all.into_iter().filter_map(from_its_name).collect();
    found.extend(inner.iter().flat_map(|line| simple(line)));
    found
}

fn from_its_name(words: Vec<String>) -> Option<Vec<String>> {
    let words: Vec<_> = words.into_iter().skip_while(|word| is_assignment(word)).collect();
    let is_ours = |word: &String| word == "chancery" || ["bin/", "/target/"].iter().any(|place| built(word, place));
    let at = match words.first() {
        Some(first) if is_ours(first) => 0,
        // The last one: a container may have the same name.
        // There it may be the name of anything.
        Some(first) if first == "kubectl" => {
            1 + words.windows(2).position(|pair| pair[0] == "--" && is_ours(&pair[1]))?
        }
        Some(first) if STARTERS.contains(&first.as_str()) => words.iter().rposition(is_ours)?,
        _ => return None,
    };
    Some(words[at..].to_vec()).filter(|words| words.len() > 1)
}

/// Whether it is the program where it was built or installed; other places are called so, too.
fn built(word: &str, place: &str) -> bool {
    word.ends_with("/chancery") && word.contains(place)
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_'))
}

/// Splits a line as the shell does, as far as guides go: quotes, comments, redirections; `$(…)` is one word, and what is
/// in it goes to `inner`.
fn words(line: &str, inner: &mut Vec<String>) -> Vec<String> {
    let (mut all, mut word, mut begun) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    let mut quote = None;
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (_, '$') if quote != Some('\'') && letters.peek() == Some(&'(') => {
                letters.next();
                let mut command = String::new();
                let mut depth = 1;
                for letter in letters.by_ref() {
                    depth += i32::from(letter == '(') - i32::from(letter == ')');
                    if depth == 0 {
                        break;
                    }
                    command.push(letter);
                }
                inner.push(command);
                word += "value";
                begun = true;
            }
            (Some(open), letter) if letter == open => quote = None,
            (Some(_), letter) => word.push(letter),
            (None, '\'' | '"') => (quote, begun) = (Some(letter), true),
            (None, '#') if !begun => break,
            (None, letter) if letter.is_whitespace() || "|&;<>".contains(letter) => {
                if begun {
                    all.push(std::mem::take(&mut word));
                    begun = false;
                }
                if "|&;".contains(letter) {
                    let twice = letters.next_if_eq(&letter).is_some();
                    all.push(if twice { format!("{letter}{letter}") } else { letter.to_string() });
                }
                if "<>".contains(letter) {
                    // Where it goes or comes from is no word of the command.
                    while letters.next_if(|next| next.is_whitespace() || *next == '>').is_some() {}
                    while letters.next_if(|next| !next.is_whitespace()).is_some() {}
                }
            }
            (None, letter) => {
                word.push(letter);
                begun = true;
            }
        }
    }
    if begun {
        all.push(word);
    }
    all
}

#[test]
fn a_line_of_the_shell_is_read_as_the_shell_reads_it() {
    let line = |line: &str| simple(line).into_iter().map(|words| words.join("·")).collect::<Vec<_>>();
    assert_eq!(
        line("printf %s \"$p\" | chancery user show --tenant t 'a b'  # why"),
        ["chancery·user·show·--tenant·t·a b"]
    );
    assert_eq!(line("A=b C=$(x y) ./target/chancery doctor > out.txt"), ["./target/chancery·doctor"]);
    assert_eq!(line("docker compose run --rm chancery init && docker compose logs chancery"), ["chancery·init"]);
    assert_eq!(line("kubectl exec deploy/chancery -- chancery doctor"), ["chancery·doctor"]);
    assert_eq!(line("key=$(chancery key list --tenant t)"), ["chancery·key·list·--tenant·t"]);
    assert_eq!(line("systemctl enable --now chancery; cargo install chancery --locked"), Vec::<String>::new());
    let text = "a `chancery serve` b\n```sh\nchancery tenant \\\n  list\n```\n```toml\nchancery nonsense\n```\n";
    let found: Vec<_> = commands("g", text).into_iter().map(|shown| (shown.words.join(" "), shown.whole)).collect();
    assert_eq!(found, [("chancery serve".to_owned(), false), ("chancery tenant list".to_owned(), true)]);
}
