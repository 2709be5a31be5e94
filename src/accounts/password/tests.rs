//! Passwords, our own and those that were brought along.

use super::*;

fn tenant() -> TenantId {
    TenantId::from("t")
}

#[tokio::test]
async fn w005_a_hash_is_argon2id_and_holds_nothing_of_the_password() {
    let passwords = Passwords::start().unwrap();
    let secret = Secret::new("correct horse");
    let hash = passwords.hash(&tenant(), &secret).await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(!hash.contains("correct"));
    assert_ne!(hash, passwords.hash(&tenant(), &secret).await.unwrap(), "no salt");
    assert!(passwords.verify(&tenant(), &secret, Some(&hash)).await.unwrap());
}

#[tokio::test]
async fn u3_a_password_is_taken_whole_and_as_it_is() {
    let passwords = Passwords::start().unwrap();
    let long = "x".repeat(100);
    let hash = passwords.hash(&tenant(), &Secret::new(format!("{long}Aa\0b"))).await.unwrap();
    for wrong in ["", &long, &format!("{long}Aa"), &format!("{long}aa\0b"), &format!("{long}Aa\0b ")] {
        assert!(!passwords.verify(&tenant(), &Secret::new(wrong), Some(&hash)).await.unwrap(), "{wrong:?}");
    }
    assert!(passwords.verify(&tenant(), &Secret::new(format!("{long}Aa\0b")), Some(&hash)).await.unwrap());
}

#[tokio::test]
async fn w007_without_a_stored_hash_nothing_is_right_not_even_the_empty_password() {
    let passwords = Passwords::start().unwrap();
    for guess in ["", "password", "\0"] {
        assert!(!passwords.verify(&tenant(), &Secret::new(guess), None).await.unwrap());
    }
}

#[test]
fn w007_the_dummy_costs_what_a_new_hash_costs() {
    let cost = Cost::new(64, 3, 2).unwrap();
    let real = cost.hash(&mut Memory::default(), &Secret::new("12345678")).unwrap();
    let dummy = cost.dummy().unwrap();
    assert_eq!(real.len(), dummy.len());
    assert!(cost.made(&dummy) && cost.made(&real) && !Cost::default().made(&real), "{real} {dummy}");
}

#[tokio::test]
async fn a_stored_hash_of_an_unknown_kind_is_a_fault_not_a_wrong_password() {
    let passwords = Passwords::start().unwrap();
    for foreign in ["", "plain", "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA", "$1$salt$AAAAAAAAAAAAAAAAAAAAAA"] {
        let outcome = passwords.verify(&tenant(), &Secret::new("x"), Some(foreign)).await;
        assert!(matches!(outcome, Err(Stop::Failed(_))), "{foreign}");
    }
}

/// What `scripts/password_vectors.py` wrote with the libraries that made such hashes.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    source: String,
    password: String,
    hash: String,
    #[serde(default)]
    never_cut: bool,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../../tests/vectors/passwords.json")).unwrap()
}

fn accepted(vector: &Vector) -> StoredHash {
    let stored = Passwords::accept_foreign(&vector.hash).unwrap();
    if vector.never_cut { stored.never_cut() } else { stored }
}

#[tokio::test]
async fn w028_hashes_of_bcrypt_werkzeug_argon2_cffi_and_django_are_verified() {
    let passwords = Passwords::start().unwrap();
    let vectors = vectors();
    assert!(vectors.len() > 40);
    for vector in &vectors {
        let stored = accepted(vector);
        let right = async |guess: String| {
            passwords.verify(&tenant(), &Secret::new(guess), Some(stored.as_str())).await.unwrap()
        };
        let (source, password) = (&vector.source, &vector.password);
        assert!(right(password.clone()).await, "{source} {stored:?}");
        assert!(!right(format!("x{password}")).await, "{source}");
        assert!(!right(format!("{password}x")).await || password.len() > 72, "{source}");
        assert!(!right(format!("{password}\0{password}")).await, "{source}: bcrypt repeats what it reads");
        assert!(!passwords.is_current(stored.as_str()), "{source}");
    }
}

#[tokio::test]
async fn w028_whether_bcrypt_cut_is_told_at_the_import() {
    let passwords = Passwords::start().unwrap();
    let cut = vectors().into_iter().find(|vector| vector.source.contains("cuts after")).unwrap();
    let whole = vectors().into_iter().find(|vector| vector.source == "bcrypt, 72 bytes").unwrap();
    let (first, longer) = (Secret::new(&cut.password[..72]), Secret::new(format!("{}else", &cut.password[..72])));
    for (vector, expected) in [(&cut, true), (&whole, false)] {
        let stored = accepted(vector);
        assert!(passwords.verify(&tenant(), &first, Some(stored.as_str())).await.unwrap());
        assert_eq!(passwords.verify(&tenant(), &longer, Some(stored.as_str())).await.unwrap(), expected);
    }
}

#[test]
fn what_nobody_could_verify_is_not_taken() {
    let hex = "00".repeat(32);
    for bad in [
        "",
        "password",
        "$",
        "$$$$",
        "$2x$05$BKFgAx4E5I468Q9/7UjfXuiVfv5NN6AM2YP94ym/Yvb/Ewrlw.uXG",
        "$2b$20$BKFgAx4E5I468Q9/7UjfXuiVfv5NN6AM2YP94ym/Yvb/Ewrlw.uXG",
        "$2b$05$BKFgAx4E5I468Q9/7UjfXuiVfv5NN6AM2YP94ym/Yvb/Ewrlw.uX",
        "bcrypt_sha256$",
        "$argon2id$v=19$m=4194304,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA",
        &format!("pbkdf2:md5:1000$salt${hex}"),
        &format!("pbkdf2:sha256:0$salt${hex}"),
        &format!("pbkdf2:sha256:4294967295$salt${hex}"),
        &format!("pbkdf2:sha256:1000$salt${}", &hex[1..]),
        &format!("pbkdf2:sha256:1000$salt${}é", &hex[2..]),
        &format!("scrypt:3:8:1$salt${hex}"),
        &format!("scrypt:1:8:1$salt${hex}"),
        &format!("scrypt:1024:0:1$salt${hex}"),
        &format!("scrypt:1048576:8:16$salt${hex}"),
        &format!("scrypt:18446744073709551615:8:1$salt${hex}"),
        "scrypt:1024:8:1$salt$",
    ] {
        let outcome = Passwords::accept_foreign(bad);
        assert!(matches!(outcome, Err(Stop::Refused(refusal)) if refusal.code == Code::Unprocessable), "{bad}");
    }
}

#[test]
fn a_password_that_has_to_be_replaced_is_marked_once_and_its_hash_read_without_the_mark() {
    let plain = "$2b$04$C/VWWVoKza94ef5JP553I.lDjmDWndQ.sqVmSE9l40OjfXT0SbbE2";
    let marked = StoredHash::of_foreign(plain).unwrap().must_change();
    assert_eq!(marked.as_str(), format!("must_change${plain}"));
    assert!(must_be_changed(marked.as_str()) && !must_be_changed(plain));
    assert_eq!(StoredHash::of_foreign(marked.as_str()).unwrap().must_change(), marked);
    assert!(StoredHash::of_foreign(&format!("must_change${}", marked.as_str())).is_err());
}
