//! The table: whether DynamoDB has it as the template does.

use store::Inspected;
use store::StoreError;

use super::finding::Finding;

/// What follows from looking at the table of this name.
pub fn table(name: &str, inspected: Result<Inspected, StoreError>) -> Vec<Finding> {
    let about = format!("table {name}");
    let inspected = match inspected {
        Ok(inspected) => inspected,
        Err(error) => {
            let advice = "see to TABLE_NAME, AWS_REGION and the account's credentials";
            return vec![Finding::problem(about, error.to_string(), advice)];
        }
    };
    let mut findings = vec![of_shape(&about, &inspected)];
    findings.push(match inspected.expires {
        Some(true) => Finding::good(&about, "removes what has expired"),
        Some(false) => Finding::problem(
            &about,
            "keeps what has expired",
            "set TTL on the attribute ttl, as template.yaml has it",
        ),
        None => untold(&about, "it removes what has expired", "DescribeTimeToLive"),
    });
    findings.push(match inspected.is_recoverable {
        Some(true) => Finding::good(&about, "can be restored to any second"),
        Some(false) => Finding::warning(
            &about,
            "cannot be restored",
            "switch on point-in-time recovery",
        ),
        None => untold(&about, "it can be restored", "DescribeContinuousBackups"),
    });
    findings.push(match inspected.is_protected {
        true => Finding::good(&about, "cannot be deleted by mistake"),
        false => Finding::warning(
            &about,
            "can be deleted by mistake",
            "switch on deletion protection",
        ),
    });
    findings
}

fn of_shape(about: &str, inspected: &Inspected) -> Finding {
    let problem = |said: String, advice: &str| Finding::problem(about, said, advice);
    if !inspected.has_keys {
        let advice = "see to TABLE_NAME: it is another kind of table";
        return problem("has other keys".to_owned(), advice);
    }
    if !inspected.is_active {
        return problem("is not ready".to_owned(), "wait until DynamoDB has made it");
    }
    match &inspected.lacking_indexes[..] {
        [] => Finding::good(about, "is there, with its keys and indexes"),
        lacking => problem(
            format!(
                "lacks the indexes {}, or they are not ready",
                lacking.join(", ")
            ),
            "make them as template.yaml has them, and wait until they are active",
        ),
    }
}

fn untold(about: &str, what: &str, action: &str) -> Finding {
    Finding::warning(
        about,
        format!("whether {what} cannot be told"),
        format!("run this with leave to dynamodb:{action}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    fn good() -> Inspected {
        Inspected {
            is_active: true,
            has_keys: true,
            lacking_indexes: Vec::new(),
            expires: Some(true),
            is_recoverable: Some(true),
            is_protected: true,
        }
    }

    fn levels(inspected: Inspected) -> Vec<Level> {
        let found = table("billfold", Ok(inspected));
        found.into_iter().map(|it| it.level).collect()
    }

    #[test]
    fn a_table_as_the_template_has_it_is_good() {
        assert!(levels(good()).iter().all(|it| *it == Level::Good));
    }

    #[test]
    fn what_requests_need_is_a_problem_and_what_people_need_a_warning() {
        let lacking = vec!["due"];
        for broken in [
            Inspected {
                is_active: false,
                ..good()
            },
            Inspected {
                has_keys: false,
                ..good()
            },
            Inspected {
                lacking_indexes: lacking,
                ..good()
            },
            Inspected {
                expires: Some(false),
                ..good()
            },
        ] {
            assert!(
                levels(broken.clone()).contains(&Level::Problem),
                "{broken:?}"
            );
        }
        for risky in [
            Inspected {
                is_recoverable: Some(false),
                ..good()
            },
            Inspected {
                is_recoverable: None,
                ..good()
            },
            Inspected {
                is_protected: false,
                ..good()
            },
        ] {
            let levels = levels(risky);
            assert!(levels.contains(&Level::Warning) && !levels.contains(&Level::Problem));
        }
    }

    #[test]
    fn a_table_that_is_not_there_is_one_problem() {
        let gone = StoreError::Unavailable("ResourceNotFoundException".to_owned());
        let found = table("billfold", Err(gone));
        assert!(matches!(&found[..], [it] if it.level == Level::Problem));
    }
}
