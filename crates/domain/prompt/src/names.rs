//! How an enum's values are called on the wire and in stores: written once, read both ways.

/// Gives an enum its names, and the list of its values.
macro_rules! stored_names {
    ($name:ident: $($variant:ident = $text:literal),+ $(,)?) => {
        impl $name {
            /// Every value there is.
            pub const VALUES: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the name on the wire and in stores.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// Reads a name on the wire or in a store.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::VALUES.iter().copied().find(|value| value.as_str() == name)
            }
        }
    };
}

pub(crate) use stored_names;
