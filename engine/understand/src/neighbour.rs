//! How near a message lies to each intent's nearest example.

/// Everything lies nearer than this: a class without examples.
const NOWHERE: f32 = -1.0;

/// Every example's vector, one byte a number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Neighbours {
    dimensions: usize,
    classes: Vec<u32>,
    /// What an example's bytes are multiplied by.
    scales: Vec<f32>,
    bytes: Vec<i8>,
}

impl Neighbours {
    /// These examples, with their classes.
    pub(crate) fn of<'a>(
        dimensions: usize,
        examples: impl Iterator<Item = (&'a [f32], u32)>,
    ) -> Self {
        let mut neighbours = Self {
            dimensions,
            classes: Vec::new(),
            scales: Vec::new(),
            bytes: Vec::new(),
        };
        for (vector, class) in examples {
            let (scale, bytes) = in_bytes(vector);
            neighbours.classes.push(class);
            neighbours.scales.push(scale);
            neighbours.bytes.extend(bytes);
        }
        neighbours
    }

    /// From [`Neighbours::parts`]; none if their lengths do not fit each other.
    pub(crate) fn new(
        dimensions: usize,
        classes: Vec<u32>,
        scales: Vec<f32>,
        bytes: Vec<i8>,
    ) -> Option<Self> {
        let fits = classes.len() == scales.len() && bytes.len() == classes.len() * dimensions;
        fits.then_some(Self {
            dimensions,
            classes,
            scales,
            bytes,
        })
    }

    /// The examples' classes, their scales, and their bytes, one example after the other.
    pub(crate) fn parts(&self) -> (&[u32], &[f32], &[i8]) {
        (&self.classes, &self.scales, &self.bytes)
    }

    /// For each of so many classes the cosine of its nearest example.
    pub(crate) fn cosines(&self, vector: &[f32], classes: usize) -> Vec<f32> {
        let (scale, bytes) = in_bytes(vector);
        let mut cosines = vec![NOWHERE; classes];
        let examples = self.bytes.chunks_exact(self.dimensions);
        for ((example, own), class) in examples.zip(&self.scales).zip(&self.classes) {
            let cosine = scale * own * product(&bytes, example) as f32;
            let nearest = &mut cosines[*class as usize];
            *nearest = nearest.max(cosine);
        }
        cosines
    }
}

/// A vector as bytes, and what they are multiplied by.
fn in_bytes(vector: &[f32]) -> (f32, Vec<i8>) {
    let max = vector
        .iter()
        .fold(f32::MIN_POSITIVE, |max, x| max.max(x.abs()));
    let scale = max / f32::from(i8::MAX);
    (
        scale,
        vector.iter().map(|x| (x / scale).round() as i8).collect(),
    )
}

fn product(a: &[i8], b: &[i8]) -> i32 {
    let products = a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b));
    products.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_is_as_near_as_its_nearest_example() {
        let examples: [(&[f32], u32); 3] = [(&[1.0, 0.0], 0), (&[0.8, 0.6], 0), (&[0.0, 1.0], 2)];
        let neighbours = Neighbours::of(2, examples.into_iter());
        let cosines = neighbours.cosines(&[0.96, 0.28], 3);
        for (cosine, expected) in cosines.iter().zip([0.96, NOWHERE, 0.28]) {
            assert!((cosine - expected).abs() < 0.02, "{cosines:?}");
        }
    }

    #[test]
    fn parts_that_do_not_fit_each_other_are_refused() {
        assert!(Neighbours::new(2, vec![0], vec![1.0], vec![1, 2]).is_some());
        assert!(Neighbours::new(2, vec![0], vec![1.0], vec![1]).is_none());
        assert!(Neighbours::new(2, vec![0], vec![], vec![1, 2]).is_none());
    }
}
