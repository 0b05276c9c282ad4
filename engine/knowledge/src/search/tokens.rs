//! A text's tokens as they are kept: a byte a number, so that an article takes kilobytes and comparing is exact on every machine.

use understand::Token;

/// The largest number of a byte.
const LARGEST: f32 = 127.0;

/// The tokens of a text, each vector of length 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tokens {
    pub(super) ids: Vec<u32>,
    /// By token: what its numbers are multiplied by.
    pub(super) scales: Vec<f32>,
    /// One token's behind the other's.
    pub(super) numbers: Vec<i8>,
    pub(super) width: usize,
}

impl Tokens {
    pub(super) fn new(tokens: &[Token], width: usize) -> Self {
        let mut kept = Self {
            width,
            ..Self::default()
        };
        for token in tokens.iter().filter(|token| token.vector.len() == width) {
            kept.add(token);
        }
        kept
    }

    fn add(&mut self, token: &Token) {
        let length = token.vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        let most = token
            .vector
            .iter()
            .fold(0.0_f32, |most, x| most.max(x.abs()));
        if !(length.is_finite() && most > 0.0) {
            return;
        }
        self.ids.push(token.id);
        self.scales.push(most / LARGEST / length);
        let numbers = token.vector.iter();
        self.numbers
            .extend(numbers.map(|x| (x * (LARGEST / most)).round() as i8));
    }

    /// Each token's scale and numbers.
    pub(super) fn each(&self) -> impl Iterator<Item = (f64, &[i8])> {
        let numbers = self.numbers.chunks_exact(self.width.max(1));
        let scales = self.scales.iter().map(|scale| f64::from(*scale));
        scales.zip(numbers)
    }
}

/// The product of two tokens' numbers. Whole numbers, so it is the same in any order.
pub(super) fn product(a: &[i8], b: &[i8]) -> f64 {
    let products = a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b));
    f64::from(products.sum::<i32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_nearly_what_was_read() {
        let vector = |numbers: [f32; 4]| Token {
            id: 7,
            vector: numbers.to_vec(),
        };
        let read = [
            vector([3.0, 0.0, 4.0, 0.0]),
            vector([0.0, 0.5, 0.0, 0.0]),
            vector([0.0; 4]),
        ];
        let kept = Tokens::new(&read, 4);
        assert_eq!(kept.ids, [7, 7], "one without a length is no direction");
        let all: Vec<_> = kept.each().collect();
        let length = |(scale, numbers): &(f64, &[i8])| scale * scale * product(numbers, numbers);
        assert!((length(&all[0]) - 1.0).abs() < 0.01 && (length(&all[1]) - 1.0).abs() < 0.01);
        assert_eq!(product(all[0].1, all[1].1), 0.0);
    }
}
