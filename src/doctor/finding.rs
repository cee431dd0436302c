use std::fmt;

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What was looked at.
    pub about: String,
    /// What was found. Never a secret.
    pub said: String,
    /// What to do; nothing where all is well.
    pub advice: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As it should be.
    Good,
    /// It works, and something should be seen to.
    Warning,
    /// Something does not work.
    Problem,
}

impl Finding {
    /// All is well.
    pub fn good(about: impl Into<String>, said: impl Into<String>) -> Self {
        Self::new(Level::Good, about, said, "")
    }

    /// It works, and `advice` should be followed.
    pub fn warning(
        about: impl Into<String>,
        said: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(Level::Warning, about, said, advice)
    }

    /// It does not work until `advice` is followed.
    pub fn problem(
        about: impl Into<String>,
        said: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(Level::Problem, about, said, advice)
    }

    fn new(
        level: Level,
        about: impl Into<String>,
        said: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            level,
            about: about.into(),
            said: said.into(),
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Finding {
    /// One line: how bad, what, what was found, what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Good => "ok",
            Level::Warning => "warning",
            Level::Problem => "problem",
        };
        write!(f, "{level:8} {}: {}", self.about, self.said)?;
        match self.advice.is_empty() {
            true => Ok(()),
            false => write!(f, " -> {}", self.advice),
        }
    }
}

/// What all checks came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// How many checks were made.
    pub checks: usize,
    /// How many of them warn.
    pub warnings: usize,
    /// How many of them found a problem.
    pub problems: usize,
}

impl Count {
    /// Counts one more.
    pub fn add(&mut self, finding: &Finding) {
        self.checks += 1;
        self.warnings += usize::from(finding.level == Level::Warning);
        self.problems += usize::from(finding.level == Level::Problem);
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            checks,
            warnings,
            problems,
        } = self;
        write!(
            f,
            "checks: {checks}, warnings: {warnings}, problems: {problems}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_that_says_what_to_do() {
        let good = Finding::good("table billfold", "is there");
        assert_eq!(good.to_string(), "ok       table billfold: is there");
        let problem = Finding::problem("ISSUER", "is not set", "set it");
        assert_eq!(problem.to_string(), "problem  ISSUER: is not set -> set it");
    }

    #[test]
    fn warnings_are_told_apart_from_problems() {
        let mut count = Count::default();
        for finding in [
            Finding::good("a", "b"),
            Finding::warning("a", "b", "c"),
            Finding::problem("a", "b", "c"),
            Finding::problem("a", "b", "c"),
        ] {
            count.add(&finding);
        }
        assert_eq!(count.to_string(), "checks: 4, warnings: 1, problems: 2");
    }
}
