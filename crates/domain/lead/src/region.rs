//! How numbers are written inside a country, so that one without a country code can be understood.

use kernel::PhoneNumber;

/// What is to be known of a country's numbers.
#[derive(Debug, PartialEq, Eq)]
struct Numbering {
    countries: &'static [&'static str],
    code: &'static str,
    /// What is dialled before a number inside the country and falls away behind the country code.
    trunk: &'static str,
    /// The fewest and most digits of a number, without country code and trunk digit.
    digits: (usize, usize),
}

const fn numbering(
    countries: &'static [&'static str],
    code: &'static str,
    trunk: &'static str,
    digits: (usize, usize),
) -> Numbering {
    Numbering { countries, code, trunk, digits }
}

static NUMBERINGS: &[Numbering] = &[
    numbering(&["US", "CA"], "1", "", (10, 10)),
    numbering(&["GB"], "44", "0", (9, 10)),
    numbering(&["DE"], "49", "0", (8, 11)),
    numbering(&["AT"], "43", "0", (8, 12)),
    numbering(&["CH"], "41", "0", (9, 9)),
    numbering(&["FR"], "33", "0", (9, 9)),
    numbering(&["NL"], "31", "0", (9, 9)),
    numbering(&["BE"], "32", "0", (8, 9)),
    numbering(&["IE"], "353", "0", (8, 9)),
    numbering(&["ES"], "34", "", (9, 9)),
    numbering(&["AU"], "61", "0", (9, 9)),
    numbering(&["NZ"], "64", "0", (8, 10)),
];

/// The country whose numbers a business means when it hears one without a country code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region(&'static Numbering);

impl Region {
    /// Returns the region of a country, by its two letters; `None` for one whose numbers are not known here.
    pub fn from_country(letters: &str) -> Option<Self> {
        let has_it =
            |one: &&Numbering| one.countries.iter().any(|country| country.eq_ignore_ascii_case(letters));
        NUMBERINGS.iter().find(has_it).map(Self)
    }

    /// Returns the region of a number, such as the business's own.
    pub fn of(number: &PhoneNumber) -> Option<Self> {
        let digits = number.as_str().trim_start_matches('+');
        NUMBERINGS.iter().find(|one| digits.starts_with(one.code)).map(Self)
    }

    /// Reads a number as it is written inside the country, digits only; `None` when it cannot be one.
    pub(crate) fn national(self, digits: &str) -> Option<PhoneNumber> {
        let significant = digits.strip_prefix(self.0.trunk)?;
        let (fewest, most) = self.0.digits;
        let fits = (fewest..=most).contains(&significant.len()) && !significant.starts_with('0');
        let starts_well = self.0.code != "1" || !significant.starts_with('1');
        if !fits || !starts_well {
            return None;
        }
        PhoneNumber::parse(&format!("+{}{significant}", self.0.code)).ok()
    }

    /// Tells whether the region is North America, where numbers are written in groups of three, three and four.
    pub(crate) fn is_north_america(self) -> bool {
        self.0.code == "1"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_the_country_gets_its_code() {
        for (country, digits, number) in [
            ("us", "5551230000", "+15551230000"),
            ("GB", "02079460000", "+442079460000"),
            ("DE", "03012345678", "+493012345678"),
            ("ES", "612345678", "+34612345678"),
        ] {
            let read = Region::from_country(country).unwrap().national(digits);
            assert_eq!(read.unwrap().as_str(), number, "{country}");
        }
    }

    #[test]
    fn what_is_no_number_of_the_country_is_none() {
        for (country, digits) in
            [("US", "555123"), ("US", "1234567890"), ("GB", "2079460000"), ("DE", "0123")]
        {
            assert_eq!(Region::from_country(country).unwrap().national(digits), None, "{country} {digits}");
        }
        assert_eq!(Region::from_country("ZZ"), None);
    }

    #[test]
    fn the_businesss_own_number_tells_its_region() {
        let own = PhoneNumber::parse("+442079460000").unwrap();
        assert_eq!(Region::of(&own), Region::from_country("GB"));
    }
}
