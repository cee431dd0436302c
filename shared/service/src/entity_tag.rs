//! Entity tags: what tells one state of a representation from another (RFC 9110, sections 8.8.3 and
//! 13.1).
//!
//! The lists are read here and not by the crate `headers` (0.4.2): where its debug assertions are on, as
//! in `cargo run`, a tag with a space in it makes it panic, and tags come from callers.

use domain::hex_digest;
use http::header::{HeaderMap, HeaderName};
use routing::Coding;

/// What a tag ends with of a state that was sent compressed. It is the same state.
const GZIP: &str = "-gzip";

/// How many hexadecimal digits of a body's SHA-256 its tag takes: 128 bits.
const DIGITS: usize = 32;

/// The strong entity tag of a body, in its quotes: the same for the same text alone.
pub fn entity_tag(body: &str) -> String {
    let digest = hex_digest(&[body]);
    format!("\"{}\"", digest.get(..DIGITS).unwrap_or(&digest))
}

/// The tag of a state as it is coded: each coding is a representation of its own (RFC 9110, section 8.8.3.3).
pub fn coded_tag(tag: &str, coding: Coding) -> String {
    match coding {
        Coding::Identity => tag.to_owned(),
        Coding::Gzip => format!("{}{GZIP}\"", tag.trim_end_matches('"')),
    }
}

/// What `If-Match` or `If-None-Match` lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`: any state.
    Any,
    /// These, weak ones among them. What does not read as a tag is left out and matches nothing.
    Listed(Vec<EntityTag>),
}

/// One tag of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag {
    is_weak: bool,
    quoted: String,
}

impl EntityTags {
    /// What the header of that name lists, in all its lines; nothing where there is none.
    pub fn of(headers: &HeaderMap, name: HeaderName) -> Option<Self> {
        let mut lines = headers.get_all(name).iter().peekable();
        lines.peek()?;
        let texts: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
        Some(Self::parse(&texts.join(",")))
    }

    fn parse(text: &str) -> Self {
        if text.trim() == "*" {
            return Self::Any;
        }
        let mut tags = Vec::new();
        let mut rest = text;
        // A tag may hold commas: the next tag begins after its closing quote.
        while let Some((before, opened)) = rest.split_once('"') {
            let Some((opaque, after)) = opened.split_once('"') else {
                break;
            };
            let state = opaque.strip_suffix(GZIP).unwrap_or(opaque);
            tags.push(EntityTag {
                is_weak: before.trim_end().ends_with("W/"),
                quoted: format!("\"{state}\""),
            });
            rest = after;
        }
        Self::Listed(tags)
    }

    /// Whether a strong tag is among them, by strong comparison: weak ones equal nothing.
    pub fn match_strongly(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|it| !it.is_weak && it.quoted == tag),
        }
    }

    /// Whether a tag is among them, by weak comparison.
    pub fn match_weakly(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|it| it.quoted == tag),
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::IF_NONE_MATCH;

    use super::*;

    fn tags(lines: &[&'static str]) -> EntityTags {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_NONE_MATCH, HeaderValue::from_static(line));
        }
        EntityTags::of(&headers, IF_NONE_MATCH).unwrap()
    }

    #[test]
    fn the_tag_of_a_body_is_quoted_and_its_own() {
        let tag = entity_tag("{}");
        assert_eq!(tag, entity_tag("{}"));
        assert_ne!(tag, entity_tag("{ }"));
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == DIGITS + 2);
    }

    #[test]
    fn a_tag_of_what_was_compressed_is_another_and_names_the_same_state() {
        let tag = entity_tag("{}");
        let coded = coded_tag(&tag, Coding::Gzip);
        assert_ne!(coded, tag);
        assert_eq!(coded_tag(&tag, Coding::Identity), tag);
        let listed = EntityTags::parse(&coded);
        assert!(listed.match_strongly(&tag) && listed.match_weakly(&tag));
    }

    #[test]
    fn a_list_may_have_several_lines_weak_tags_and_commas_in_tags() {
        let listed = tags(&[r#""a", W/"b""#, r#""c,d""#]);
        for tag in [r#""a""#, r#""b""#, r#""c,d""#] {
            assert!(listed.match_weakly(tag), "{tag}");
        }
        for tag in [r#""c""#, r#""d""#, r#""x""#] {
            assert!(!listed.match_weakly(tag), "{tag}");
        }
    }

    #[test]
    fn a_weak_tag_is_no_strong_match() {
        let listed = tags(&[r#"W/"a", "b""#]);
        assert!(!listed.match_strongly(r#""a""#));
        assert!(listed.match_strongly(r#""b""#));
    }

    #[test]
    fn an_asterisk_matches_everything_and_what_does_not_read_nothing() {
        assert!(tags(&["*"]).match_strongly(r#""a""#));
        for unreadable in ["a", r#""a"#, "", "W/a"] {
            let listed = tags(&[unreadable]);
            assert!(!listed.match_weakly(r#""a""#), "{unreadable}");
        }
    }

    #[test]
    fn what_no_tag_may_hold_leaves_the_other_tags_good() {
        for line in [r#""b c", "a""#, "\"b\tc\", \"a\"", r#"b, "a""#, r#", "a","#] {
            assert!(tags(&[line]).match_strongly(r#""a""#), "{line}");
            assert!(!tags(&[line]).match_weakly(r#""b""#), "{line}");
        }
    }

    #[test]
    fn there_is_no_list_without_the_header() {
        assert_eq!(EntityTags::of(&HeaderMap::new(), IF_NONE_MATCH), None);
    }
}
