//! Messages as the rows of a sparse matrix, and the products that training needs, sixteen classes at a time.

use crate::vocabulary::SparseVector;

/// Classes that are computed together: their numbers for one column fill one line of the processor's cache.
pub(crate) const LANES: usize = 16;

/// The numbers of one row or one column for a block of classes.
pub(crate) type Lane = [f32; LANES];

/// Messages by columns, rows stored one after another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matrix {
    /// Where each row begins; one more than there are rows.
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
    columns: usize,
}

impl Matrix {
    /// These rows, over so many columns. Each row is ordered by column, so that neighbours in memory are read together.
    pub(crate) fn new(rows: Vec<SparseVector>, columns: usize) -> Self {
        let mut matrix = Self {
            starts: vec![0],
            entries: Vec::new(),
            columns,
        };
        for mut row in rows {
            row.sort_unstable_by_key(|(column, _)| *column);
            matrix.entries.extend(row);
            matrix.starts.push(matrix.entries.len());
        }
        matrix
    }

    /// How many rows.
    pub(crate) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many columns.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// A row's entries.
    pub(crate) fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[row]..self.starts[row + 1]]
    }

    /// `Xᵀ·a`: for each column the sum of its rows' numbers. Written over `sums`.
    pub(crate) fn transposed_times(&self, a: &[Lane], sums: &mut Vec<Lane>) {
        sums.clear();
        sums.resize(self.columns, [0.0; LANES]);
        for (row, numbers) in a.iter().enumerate() {
            if numbers.iter().all(|number| *number == 0.0) {
                continue;
            }
            for (column, value) in self.row(row) {
                let sum = &mut sums[*column as usize];
                for lane in 0..LANES {
                    sum[lane] += value * numbers[lane];
                }
            }
        }
    }

    /// `X·w`: for each row the sum of its columns' numbers. Written over `products`.
    pub(crate) fn times(&self, w: &[Lane], products: &mut [Lane]) {
        for (row, product) in products.iter_mut().enumerate() {
            let mut sum = [0.0; LANES];
            for (column, value) in self.row(row) {
                let numbers = &w[*column as usize];
                for lane in 0..LANES {
                    sum[lane] += value * numbers[lane];
                }
            }
            *product = sum;
        }
    }
}
