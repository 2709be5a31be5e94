//! Names for people and organizations that do not exist.

const GIVEN: [&str; 24] = [
    "Ada",
    "Grace",
    "Emmy",
    "Sofia",
    "Hedy",
    "Katherine",
    "Mary",
    "Dorothy",
    "Alan",
    "Edsger",
    "Donald",
    "Barbara",
    "Radia",
    "Margaret",
    "Frances",
    "Annie",
    "Leslie",
    "Tony",
    "John",
    "Niklaus",
    "Kathleen",
    "Evelyn",
    "Jean",
    "Karen",
];

const FAMILY: [&str; 41] = [
    "Ackermann",
    "Bauer",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Hansen",
    "Ivanova",
    "Jansen",
    "Keller",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Olsen",
    "Petrov",
    "Quinn",
    "Rossi",
    "Schneider",
    "Tanaka",
    "Ueda",
    "Vasquez",
    "Weber",
    "Xu",
    "Young",
    "Zimmer",
    "Amari",
    "Bianchi",
    "Costa",
    "Diallo",
    "Esposito",
    "Farouk",
    "Greco",
    "Haddad",
    "Ito",
    "Jovanovic",
    "Kaya",
    "Lopez",
    "Mensah",
    "Nakamura",
    "Okafor",
];

/// As many as there are different people.
pub const PEOPLE: usize = GIVEN.len() * FAMILY.len();

/// Organizations.
pub(super) const ORGANIZATIONS: [&str; 8] = [
    "Northwind Traders",
    "Blue Harbour Logistics",
    "Aurora Clinics",
    "Fabrikam Tools",
    "Green Valley School",
    "Contoso Energy",
    "Sunrise Bakery",
    "Old Town Library",
];

/// A given and a family name; no two numbers below [`PEOPLE`] have the same.
pub(super) fn person(number: usize) -> [&'static str; 2] {
    // The two lengths have no common divisor, so that both names change each time and no pair comes twice.
    [GIVEN[number % GIVEN.len()], FAMILY[number % FAMILY.len()]]
}

/// A name in addresses.
pub(super) fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn nobody_has_anybodys_name() {
        let all: BTreeSet<_> = (0..PEOPLE).map(person).collect();
        assert_eq!(all.len(), PEOPLE);
        assert!(all.iter().flatten().all(|name| name.is_ascii()), "they become e-mail addresses");
    }
}
