//! [`Icon`]: drawings of 24 by 24 in one stroke, as inline SVG. They stand beside words, never alone.

use std::fmt;

use askama::filters::HtmlSafe;

macro_rules! icons {
    ($($name:ident $path:literal;)*) => {
        /// A drawing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Icon { $($name),* }

        impl Icon {
            fn path(self) -> &'static str {
                match self { $(Self::$name => $path),* }
            }
        }
    };
}

icons! {
    Users "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M3 21v-2a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v2M16 3.1a4 4 0 0 1 0 7.8M21 21v-2a4 4 0 0 0-3-3.8";
    User "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M5 21v-2a4 4 0 0 1 4-4h6a4 4 0 0 1 4 4v2";
    Groups "M12 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6M5 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6M19 21a3 3 0 1 0 0-6 3 3 0 0 0 0 6M12 9v4M7 15.5l3-2.5h4l3 2.5";
    Team "M4 7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM8 15v-1a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v1M12 10.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3";
    Role "M12 3l8 3v6c0 4.5-3.2 8-8 9-4.800-1-8-4.500-8-9V6zM9 12l2 2 4-4";
    Settings "M4 6h9M17 6h3M4 12h3M11 12h9M4 18h11M19 18h1M15 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4M9 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4M17 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4";
    Plug "M9.800 6.200l8 8-2.300 2.300a5.700 5.700 0 0 1-8-8zM4 20l3.500-3.500M15 4l-3.500 3.500M20 9l-3.500 3.500";
    Audit "M6 3h8l5 5v11a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 1-2M14 3v5h5M9 13h6M9 17h4";
    Plan "M3 8a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM3 10h18M7 15h3";
    Download "M4 17v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2M7 11l5 5 5-5M12 4v12";
    Book "M3 19a9 9 0 0 1 9 0 9 9 0 0 1 9 0V6a9 9 0 0 0-9 0 9 9 0 0 0-9 0zM12 6v13";
    Out "M14 8V6a2 2 0 0 0-2-2H5a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h7a2 2 0 0 0 2-2v-2M9 12h12M18 9l3 3-3 3";
    Menu "M4 6h16M4 12h16M4 18h16";
    Done "M5 12l5 5L20 7";
    Attention "M12 9v4M12 17h.01M10.300 3.900 2.200 18a2 2 0 0 0 1.700 3h16.200a2 2 0 0 0 1.700-3L13.700 3.900a2 2 0 0 0-3.400 0";
    Problem "M8.500 3h7L21 8.500v7L15.500 21h-7L3 15.500v-7zM12 8v4M12 16h.01";
    Waiting "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3 3";
    Off "M5 12h14";
    Plus "M12 5v14M5 12h14";
    Key "M16.500 3.500a4 4 0 0 1 4 4 4 4 0 0 1-5.200 3.800L12 14.500V17h-2.500v2.500H7V22H3v-3.500l8.700-8.800A4 4 0 0 1 16.500 3.500M16.500 7.500h.01";
    Lock "M7 11h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2M8 11V7a4 4 0 0 1 8 0v4";
    Globe "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M3.600 9h16.800M3.600 15h16.800M11.500 3a17 17 0 0 0 0 18M12.500 3a17 17 0 0 1 0 18";
    Inbox "M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM4 13h3l3 3h4l3-3h3";
}

impl HtmlSafe for Icon {}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        write!(
            f,
            "<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>"
        )
    }
}

/// What is the matter: an icon, a word and a colour, which say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Done,
    Attention,
    Problem,
    Waiting,
    Off,
}

impl Tone {
    /// The class in the style.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Attention => "attention",
            Self::Problem => "problem",
            Self::Waiting => "waiting",
            Self::Off => "off",
        }
    }

    pub(super) fn icon(self) -> Icon {
        match self {
            Self::Done => Icon::Done,
            Self::Attention => Icon::Attention,
            Self::Problem => Icon::Problem,
            Self::Waiting => Icon::Waiting,
            Self::Off => Icon::Off,
        }
    }
}

/// A state in a page: icon, word, colour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag(pub(super) Tone, pub(super) &'static str);

impl HtmlSafe for Tag {}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(tone, word) = self;
        write!(f, "<span class=\"tag {}\">{}{word}</span>", tone.class(), tone.icon())
    }
}
