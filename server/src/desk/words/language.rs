//! The languages in which the desk speaks to the user.

use clap::ValueEnum;
use std::fmt;
use unic_langid::{LanguageIdentifier, langid};

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English: also for systems in a language that is not here.
    #[default]
    #[value(name = "en")]
    English,
    /// German.
    #[value(name = "de")]
    German,
    /// French.
    #[value(name = "fr")]
    French,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::French];

    /// The first of the languages that the user has set in the system, as far as they are here.
    pub fn of_system() -> Self {
        Self::first_of(sys_locale::get_locales())
    }

    /// The first that is here of names like `de-AT`.
    fn first_of(names: impl Iterator<Item = String>) -> Self {
        let known = |name: String| {
            let wanted: LanguageIdentifier = name.parse().ok()?;
            Self::ALL.into_iter().find(|language| language.id().language == wanted.language)
        };
        names.into_iter().find_map(known).unwrap_or_default()
    }

    /// Its name as systems write it.
    pub(super) const fn id(self) -> LanguageIdentifier {
        match self {
            Self::English => langid!("en"),
            Self::German => langid!("de"),
            Self::French => langid!("fr"),
        }
    }

    /// The file of its messages.
    pub(super) const fn messages(self) -> &'static str {
        match self {
            Self::English => include_str!("../../../lang/en.ftl"),
            Self::German => include_str!("../../../lang/de.ftl"),
            Self::French => include_str!("../../../lang/fr.ftl"),
        }
    }
}

impl fmt::Display for Language {
    /// `en`, `de` or `fr`, as options name it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_language_of_the_system_is_taken() {
        for (names, language) in [
            (&["de-AT", "en-GB"][..], Language::German),
            (&["nl-NL", "fr"], Language::French),
            (&["C", "POSIX", ""], Language::English),
            (&[], Language::English),
        ] {
            assert_eq!(Language::first_of(names.iter().map(|&name| name.to_owned())), language, "{names:?}");
        }
    }

    #[test]
    fn options_name_it_as_it_is_printed() {
        for language in Language::ALL {
            assert_eq!(Language::from_str(&language.to_string(), false), Ok(language));
        }
    }
}
