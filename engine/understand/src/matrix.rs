//! Messages as the rows of a sparse matrix, and the products that training needs, sixteen classes at a time.

use crate::vocabulary::SparseVector;

/// Classes that are computed together: their numbers for one column fill one line of the processor's cache.
pub(crate) const LANES: usize = 16;

/// The numbers of one row or one column for a block of classes.
pub(crate) type Lane = [f32; LANES];

/// Messages by columns. Kept by rows and, for those that are learnt from, by columns too: so both products only read from
/// scattered places and write in order, which is more than twice as fast as the other way round.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    by_row: Lists,
    by_column: Lists,
}

/// Lists of positions with their values, one after another.
#[derive(Clone, Debug)]
struct Lists {
    /// Where each list begins; one more than there are lists.
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Matrix {
    /// These rows, over so many columns; `learnt` says of each row whether [`Matrix::transposed_times`] counts it.
    pub(crate) fn new(rows: Vec<SparseVector>, columns: usize, learnt: &[bool]) -> Self {
        let mut by_row = Lists {
            starts: vec![0],
            entries: Vec::new(),
        };
        for mut row in rows {
            row.sort_unstable_by_key(|(column, _)| *column);
            by_row.entries.extend(row);
            by_row.starts.push(by_row.entries.len());
        }
        Self {
            by_column: by_row.turned(columns, learnt),
            by_row,
        }
    }

    /// How many rows.
    pub(crate) fn rows(&self) -> usize {
        self.by_row.count()
    }

    /// How many columns.
    pub(crate) fn columns(&self) -> usize {
        self.by_column.count()
    }

    /// `Xᵀ·a`: for each column the sum of its rows' numbers. Written over `sums`.
    pub(crate) fn transposed_times(&self, a: &[Lane], sums: &mut Vec<Lane>) {
        sums.resize(self.columns(), [0.0; LANES]);
        self.by_column.sums(a, sums);
    }

    /// `X·w`: for each row the sum of its columns' numbers. Written over `products`.
    pub(crate) fn times(&self, w: &[Lane], products: &mut [Lane]) {
        self.by_row.sums(w, products);
    }
}

impl Lists {
    fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// For each list the sum of `numbers` at its positions, by their values.
    fn sums(&self, numbers: &[Lane], sums: &mut [Lane]) {
        for (bounds, sum) in self.starts.windows(2).zip(sums) {
            let mut total = [0.0; LANES];
            for (position, value) in &self.entries[bounds[0]..bounds[1]] {
                let number = &numbers[*position as usize];
                for lane in 0..LANES {
                    total[lane] += value * number[lane];
                }
            }
            *sum = total;
        }
    }

    /// The same entries listed by position, of the lists that are wanted.
    fn turned(&self, count: usize, wanted: &[bool]) -> Self {
        let mut starts = vec![0; count + 1];
        let lists = || {
            self.starts
                .windows(2)
                .enumerate()
                .filter(|(list, _)| wanted[*list])
        };
        for (_, bounds) in lists() {
            for (position, _) in &self.entries[bounds[0]..bounds[1]] {
                starts[*position as usize + 1] += 1;
            }
        }
        for index in 0..count {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); starts[count]];
        for (list, bounds) in lists() {
            for (position, value) in &self.entries[bounds[0]..bounds[1]] {
                let place = &mut next[*position as usize];
                entries[*place] = (list as u32, *value);
                *place += 1;
            }
        }
        Self { starts, entries }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_products_are_those_of_the_matrix() {
        // 2 0 1
        // 0 3 0   (the second row is not learnt from)
        let rows = vec![vec![(2, 1.0), (0, 2.0)], vec![(1, 3.0)]];
        let matrix = Matrix::new(rows, 3, &[true, false]);
        let mut sums = Vec::new();
        matrix.transposed_times(&[[1.0; LANES], [10.0; LANES]], &mut sums);
        assert_eq!(
            sums.iter().map(|lane| lane[0]).collect::<Vec<_>>(),
            [2.0, 0.0, 1.0]
        );
        let mut products = vec![[0.0; LANES]; 2];
        matrix.times(
            &[[1.0; LANES], [10.0; LANES], [100.0; LANES]],
            &mut products,
        );
        assert_eq!(
            products.iter().map(|lane| lane[7]).collect::<Vec<_>>(),
            [102.0, 30.0]
        );
    }
}
