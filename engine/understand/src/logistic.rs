//! Multinomial logistic regression, fitted by L-BFGS.
//!
//! The best weights are a combination of the training messages, `W = Xᵀ·A`: so the search runs over `A`, one number for a
//! message and class, which is far smaller than `W`. Every vector of the search is kept as a pair, `a` and its scores
//! `X·Xᵀ·a`; the product of two vectors' weights is then a plain product of `a` and scores, and a step along a direction
//! needs no pass over the messages.
//!
//! L-BFGS: Nocedal and Wright, Numerical Optimization, algorithm 7.4, with its two loops run on the vectors' products.

use crate::maths::{add_scaled, dot, exp};
use crate::matrix::{LANES, Lane, Matrix};
use crate::parallel;

/// How many earlier steps shape a direction.
const MEMORY: usize = 5;

/// Tries per line search. The objective is convex and the first try nearly always good.
const TRIES_MAX: usize = 8;

/// A step is good when the slope along it has fallen to this part.
const SLOPE_LEFT_MAX: f64 = 0.5;

/// Rows whose probabilities are computed as one piece.
const ROWS_A_PIECE: usize = 256;

/// Rows that are added up before the next ones: four kilobytes.
const ROWS_A_STRETCH: usize = 64;

/// What to fit.
pub(crate) struct Problem<'a> {
    /// The messages.
    pub(crate) matrix: &'a Matrix,
    /// Each message's class; [`Problem::LEFT_OUT`] for one that is not trained on.
    pub(crate) classes: &'a [u32],
    /// Classes that take part, by class.
    pub(crate) active: &'a [bool],
    /// How.
    pub(crate) effort: Effort,
}

/// How a fit is asked for, whatever it is fitted on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// How strongly large weights are held back.
    pub(crate) penalty: f32,
    /// When to stop at the latest.
    pub(crate) steps_max: usize,
    /// The length of the gradient, relative to that at zero weights, at which it is good enough.
    pub(crate) gradient_left_max: f64,
}

impl Problem<'_> {
    /// In place of a class: the message is scored but not learnt from.
    pub(crate) const LEFT_OUT: u32 = u32::MAX;
}

/// Numbers for each message and class, in blocks of classes.
pub(crate) type Blocks = Vec<Vec<Lane>>;

/// A fit.
pub(crate) struct Fit {
    /// The weights as a combination of the messages.
    pub(crate) combination: Blocks,
    /// The scores of all messages, those left out among them.
    pub(crate) scores: Blocks,
}

/// A vector of the search, as a combination of messages and as their scores.
#[derive(Clone, Default)]
struct Vector {
    a: Vec<Lane>,
    scores: Vec<Lane>,
}

impl Vector {
    fn zero(rows: usize) -> Self {
        Self {
            a: vec![[0.0; LANES]; rows],
            scores: vec![[0.0; LANES]; rows],
        }
    }

    /// `other − self`, in place.
    fn subtract_from(&mut self, other: &Vector) {
        let subtract = |own: &mut [Lane], other: &[Lane]| {
            let other = other.as_flattened();
            own.as_flattened_mut()
                .iter_mut()
                .zip(other)
                .for_each(|(own, other)| *own = other - *own);
        };
        subtract(&mut self.a, &other.a);
        subtract(&mut self.scores, &other.scores);
    }

    fn scale(&mut self, factor: f32) {
        let all = self
            .a
            .as_flattened_mut()
            .iter_mut()
            .chain(self.scores.as_flattened_mut());
        all.for_each(|number| *number *= factor);
    }

    fn times(&self, other: &Vector) -> f64 {
        dot(self.a.as_flattened(), other.scores.as_flattened())
    }

    fn add_scaled(&mut self, factor: f64, other: &Vector) {
        add_scaled(
            self.a.as_flattened_mut(),
            factor as f32,
            other.a.as_flattened(),
        );
        add_scaled(
            self.scores.as_flattened_mut(),
            factor as f32,
            other.scores.as_flattened(),
        );
    }

    /// A sum of vectors, each with its factor, a stretch of rows after the other: so the sum stays in the processor's cache.
    fn sum(terms: &[(f64, &Vector)], rows: usize) -> Self {
        let mut sum = Self::zero(rows);
        add_all(&mut sum.a, terms, |vector| &vector.a);
        add_all(&mut sum.scores, terms, |vector| &vector.scores);
        sum
    }
}

fn add_all<'v>(
    sum: &mut [Lane],
    terms: &[(f64, &'v Vector)],
    part: impl Fn(&'v Vector) -> &'v [Lane],
) {
    for (index, stretch) in sum.chunks_mut(ROWS_A_STRETCH).enumerate() {
        let rows = index * ROWS_A_STRETCH..index * ROWS_A_STRETCH + stretch.len();
        for (factor, vector) in terms {
            add_scaled(
                stretch.as_flattened_mut(),
                *factor as f32,
                part(vector)[rows.clone()].as_flattened(),
            );
        }
    }
}

/// The search's state for one block of classes.
struct Block {
    place: Vector,
    gradient: Vector,
    direction: Vector,
    /// Probabilities less the truth, where the line search stands.
    residual: Vec<Lane>,
    /// Earlier steps with how the gradient changed over them, oldest first.
    history: Vec<(Vector, Vector)>,
}

/// Fits the weights, beginning at zero. Calls `progress` after every step.
pub(crate) fn fit(problem: &Problem, progress: &mut dyn FnMut()) -> Fit {
    fit_on(parallel::threads(), problem, progress)
}

/// The same on so many threads.
fn fit_on(threads: usize, problem: &Problem, progress: &mut dyn FnMut()) -> Fit {
    let mut search = Search::new(problem, threads);
    search.derive();
    let start = search.products.gradient_gradient.sqrt();
    for _ in 0..problem.effort.steps_max {
        if search.products.gradient_gradient.sqrt() <= problem.effort.gradient_left_max * start {
            break;
        }
        search.turn();
        search.walk();
        search.derive();
        progress();
    }
    let (combination, scores) = search
        .blocks
        .into_iter()
        .map(|b| (b.place.a, b.place.scores))
        .unzip();
    Fit {
        combination,
        scores,
    }
}

struct Search<'a> {
    problem: &'a Problem<'a>,
    blocks: Vec<Block>,
    /// A work space for each thread.
    spaces: Vec<Vec<Lane>>,
    products: Products,
    table: Table,
    /// How far along the direction the last walk went.
    step: f64,
}

/// Products of the vectors that the last step brought, with those that were kept (oldest first).
#[derive(Clone, Default)]
struct Products {
    last_step_change: Vec<f64>,
    last_change_change: f64,
    step_gradient: Vec<f64>,
    change_gradient: Vec<f64>,
    gradient_gradient: f64,
}

impl<'a> Search<'a> {
    fn new(problem: &'a Problem<'a>, threads: usize) -> Self {
        let count = problem.active.len().div_ceil(LANES);
        let blocks = (0..count)
            .map(|_| Block::at_zero(problem.matrix.rows()))
            .collect();
        let spaces = vec![Vec::new(); threads];
        let mut search = Self {
            problem,
            blocks,
            spaces,
            products: Products::default(),
            table: Table::default(),
            step: 0.0,
        };
        search.look(0.0);
        search
    }

    /// Computes the residuals `step` along the direction.
    fn look(&mut self, step: f64) {
        let problem = self.problem;
        let mut pieces = pieces(&mut self.blocks);
        parallel::each(&mut pieces, &mut self.spaces, |index, piece, _| {
            residuals(problem, index * ROWS_A_PIECE, piece, step as f32);
        });
        self.step = step;
    }

    /// Moves there, and computes the gradient and its products with the history.
    fn derive(&mut self) {
        let (problem, step) = (self.problem, self.step);
        let parts = parallel::each(&mut self.blocks, &mut self.spaces, |_, block, space| {
            block.derive(problem, step, space);
            block.products()
        });
        let before = std::mem::replace(&mut self.products, Products::sum(parts));
        if step != 0.0 {
            self.table.grow(&before, &self.products);
        }
    }

    /// Chooses the next direction.
    fn turn(&mut self) {
        let factors = self.table.direction(&self.products);
        parallel::each(&mut self.blocks, &mut self.spaces, |_, block, _| {
            block.turn(&factors)
        });
    }

    /// Goes along the direction until the slope has fallen enough. The objective is convex, so the slope alone decides.
    fn walk(&mut self) {
        let (start, place_direction, direction_direction) = self.slopes();
        let penalty = f64::from(self.problem.effort.penalty);
        // Nothing is known of the scale before the first step: there a length of 1 is the first guess.
        let mut step = if self.products.step_gradient.is_empty() {
            1.0 / direction_direction.sqrt()
        } else {
            1.0
        };
        for _ in 0..TRIES_MAX {
            self.look(step);
            let slope =
                self.residual_slope() + penalty * (place_direction + step * direction_direction);
            if slope.abs() <= SLOPE_LEFT_MAX * start.abs() {
                return;
            }
            // Where the slope would be zero, were it a straight line from the start; no further than ten times as far.
            let ratio = start / (start - slope);
            step *= if ratio > 0.0 {
                ratio.clamp(0.1, 10.0)
            } else {
                10.0
            };
        }
    }

    /// The slope at the start, and the products of place and direction and of direction and direction.
    fn slopes(&mut self) -> (f64, f64, f64) {
        let parts = parallel::each(&mut self.blocks, &mut self.spaces, |_, b, _| {
            (
                b.gradient.times(&b.direction),
                b.place.times(&b.direction),
                b.direction.times(&b.direction),
            )
        });
        parts.iter().fold((0.0, 0.0, 0.0), |sum, part| {
            (sum.0 + part.0, sum.1 + part.1, sum.2 + part.2)
        })
    }

    fn residual_slope(&mut self) -> f64 {
        let parts = parallel::each(&mut self.blocks, &mut self.spaces, |_, b, _| {
            dot(b.residual.as_flattened(), b.direction.scores.as_flattened())
        });
        parts.iter().sum()
    }
}

impl Block {
    fn at_zero(rows: usize) -> Self {
        let zero = Vector::zero(rows);
        Self {
            place: zero.clone(),
            gradient: zero.clone(),
            residual: zero.a.clone(),
            direction: zero,
            history: Vec::new(),
        }
    }

    fn derive(&mut self, problem: &Problem, step: f64, space: &mut Vec<Lane>) {
        let before = std::mem::take(&mut self.gradient);
        let mut gradient = Vector {
            a: self.residual.clone(),
            scores: before.scores.clone(),
        };
        if step != 0.0 {
            self.place.add_scaled(step, &self.direction);
        }
        add_scaled(
            gradient.a.as_flattened_mut(),
            problem.effort.penalty,
            self.place.a.as_flattened(),
        );
        score(problem.matrix, &mut gradient, space);
        self.gradient = gradient;
        if step != 0.0 {
            self.remember(step, before);
        }
    }

    fn remember(&mut self, step: f64, mut before: Vector) {
        before.subtract_from(&self.gradient);
        let mut walked = std::mem::take(&mut self.direction);
        walked.scale(step as f32);
        if self.history.len() == MEMORY {
            self.history.remove(0);
        }
        self.history.push((walked, before));
    }

    fn products(&self) -> Products {
        let gradient = |vector: &Vector| vector.times(&self.gradient);
        let (step, change) = match self.history.last() {
            Some((step, change)) => (
                self.history
                    .iter()
                    .map(|(_, other)| step.times(other))
                    .collect(),
                change.times(change),
            ),
            None => (Vec::new(), 0.0),
        };
        Products {
            last_step_change: step,
            last_change_change: change,
            step_gradient: self
                .history
                .iter()
                .map(|(step, _)| gradient(step))
                .collect(),
            change_gradient: self
                .history
                .iter()
                .map(|(_, change)| gradient(change))
                .collect(),
            gradient_gradient: gradient(&self.gradient),
        }
    }

    fn turn(&mut self, factors: &Factors) {
        let mut terms = vec![(factors.gradient, &self.gradient)];
        for ((step, change), (of_step, of_change)) in self.history.iter().zip(&factors.history) {
            terms.extend([(*of_step, step), (*of_change, change)]);
        }
        self.direction = Vector::sum(&terms, self.gradient.a.len());
    }
}

/// A direction as a sum of the gradient and the kept steps and changes.
struct Factors {
    gradient: f64,
    history: Vec<(f64, f64)>,
}

impl Products {
    fn sum(parts: Vec<Products>) -> Products {
        let add =
            |sum: &mut [f64], part: &[f64]| sum.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        let mut parts = parts.into_iter();
        let mut sum = parts.next().unwrap_or_default();
        for part in parts {
            add(&mut sum.last_step_change, &part.last_step_change);
            add(&mut sum.step_gradient, &part.step_gradient);
            add(&mut sum.change_gradient, &part.change_gradient);
            sum.last_change_change += part.last_change_change;
            sum.gradient_gradient += part.gradient_gradient;
        }
        sum
    }
}

/// Products of all kept steps and changes with each other, by their position (oldest first).
#[derive(Default)]
struct Table {
    step_change: Vec<Vec<f64>>,
    change_change: Vec<Vec<f64>>,
}

impl Table {
    /// Takes in the last step. A change is a difference of gradients, so its products with older vectors are differences of
    /// products that are known.
    fn grow(&mut self, before: &Products, now: &Products) {
        let count = now.step_gradient.len();
        if self.step_change.len() == count {
            drop_first(&mut self.step_change);
            drop_first(&mut self.change_change);
        }
        let skipped = before.step_gradient.len() + 1 - count;
        let older = 0..count - 1;
        let change = |now: &[f64], before: &[f64], i: usize| now[i] - before[i + skipped];
        for i in older.clone() {
            self.step_change[i].push(change(&now.step_gradient, &before.step_gradient, i));
            self.change_change[i].push(change(&now.change_gradient, &before.change_gradient, i));
        }
        let mut last: Vec<f64> = older.map(|i| self.change_change[i][count - 1]).collect();
        last.push(now.last_change_change);
        self.change_change.push(last);
        self.step_change.push(now.last_step_change.clone());
    }

    /// The two loops of L-BFGS.
    fn direction(&self, products: &Products) -> Factors {
        let count = self.step_change.len();
        let (mut of_step, mut of_change) = (vec![0.0; count], vec![0.0; count]);
        for i in (0..count).rev() {
            let changes = (0..count).map(|j| of_change[j] * self.step_change[i][j]);
            let product = products.step_gradient[i] + changes.sum::<f64>();
            of_change[i] -= product / self.step_change[i][i];
        }
        let alphas: Vec<f64> = of_change.iter().map(|factor| -factor).collect();
        let scale = count.checked_sub(1).map_or(1.0, |last| {
            self.step_change[last][last] / self.change_change[last][last]
        });
        of_change.iter_mut().for_each(|factor| *factor *= scale);
        for i in 0..count {
            let changes = (0..count).map(|j| of_change[j] * self.change_change[i][j]);
            let steps = (0..count).map(|j| of_step[j] * self.step_change[j][i]);
            let product =
                scale * products.change_gradient[i] + changes.sum::<f64>() + steps.sum::<f64>();
            of_step[i] += alphas[i] - product / self.step_change[i][i];
        }
        let negated = of_step
            .iter()
            .zip(&of_change)
            .map(|(step, change)| (-step, -change))
            .collect();
        Factors {
            gradient: -scale,
            history: negated,
        }
    }
}

/// Drops the oldest row and column.
fn drop_first(table: &mut Vec<Vec<f64>>) {
    table.remove(0);
    table.iter_mut().for_each(|row| {
        row.remove(0);
    });
}

/// Computes a vector's scores from its combination.
fn score(matrix: &Matrix, vector: &mut Vector, space: &mut Vec<Lane>) {
    matrix.transposed_times(&vector.a, space);
    matrix.times(space, &mut vector.scores);
}

/// The rows of one piece: for each block of classes its scores, its direction's scores, its residuals.
type Piece<'b> = Vec<(&'b [Lane], &'b [Lane], &'b mut [Lane])>;

fn pieces(blocks: &mut [Block]) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece> = Vec::new();
    for block in blocks {
        let places = block.place.scores.chunks(ROWS_A_PIECE);
        let directions = block.direction.scores.chunks(ROWS_A_PIECE);
        let residuals = block.residual.chunks_mut(ROWS_A_PIECE);
        for (index, ((place, direction), residual)) in
            places.zip(directions).zip(residuals).enumerate()
        {
            if index == pieces.len() {
                pieces.push(Vec::new());
            }
            pieces[index].push((place, direction, residual));
        }
    }
    pieces
}

/// Probabilities less the truth, for a piece's rows.
fn residuals(problem: &Problem, first_row: usize, piece: &mut Piece, step: f32) {
    let rows = piece.first().map_or(0, |(place, _, _)| place.len());
    let mut numbers = vec![[0.0; LANES]; piece.len()];
    for row in 0..rows {
        let class = problem.classes[first_row + row];
        if class == Problem::LEFT_OUT {
            continue;
        }
        for (numbers, (place, direction, _)) in numbers.iter_mut().zip(piece.iter()) {
            for lane in 0..LANES {
                numbers[lane] = place[row][lane] + step * direction[row][lane];
            }
        }
        let classes = &mut numbers.as_flattened_mut()[..problem.active.len()];
        softmax(classes, problem.active);
        classes[class as usize] -= 1.0;
        for (numbers, (_, _, residual)) in numbers.iter().zip(piece.iter_mut()) {
            residual[row] = *numbers;
        }
    }
}

/// Scores to probabilities, in place; a class that takes no part gets 0.
pub(crate) fn softmax(scores: &mut [f32], active: &[bool]) {
    for (score, active) in scores.iter_mut().zip(active) {
        *score = if *active { *score } else { f32::NEG_INFINITY };
    }
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (score, active) in scores.iter_mut().zip(active) {
        *score = if *active { exp(*score - max) } else { 0.0 };
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand messages of a few n-grams each, in forty classes; a class's messages share some.
    fn messages() -> (Matrix, Vec<u32>) {
        let rows = (0..1_000_u32).map(|row| {
            let class = row % 40;
            vec![
                (class, 0.6),
                (40 + (row * 7) % 60, 0.5),
                (100 + (row * 13) % 200, 0.62),
            ]
        });
        let classes = (0..1_000).map(|row| row % 40).collect();
        (Matrix::new(rows.collect(), 300, &[true; 1_000]), classes)
    }

    fn fit_messages(threads: usize, steps_max: usize) -> Fit {
        let (matrix, classes) = messages();
        let effort = Effort {
            penalty: 0.1,
            steps_max,
            gradient_left_max: 1e-3,
        };
        let problem = Problem {
            matrix: &matrix,
            classes: &classes,
            active: &[true; 40],
            effort,
        };
        fit_on(threads, &problem, &mut || ())
    }

    #[test]
    fn the_number_of_threads_does_not_show() {
        let one = fit_messages(1, 60);
        for threads in [2, 3, 8] {
            let many = fit_messages(threads, 60);
            assert!(
                one.combination == many.combination && one.scores == many.scores,
                "{threads} threads"
            );
        }
    }

    #[test]
    fn at_the_end_the_combination_is_the_errors_over_the_penalty() {
        // Where the gradient is zero, `A = (Y − P) / penalty`: see the head of this file.
        let fit = fit_messages(2, 200);
        let (_, classes) = messages();
        for (row, class) in classes.iter().enumerate() {
            let mut scores: Vec<f32> = (0..40)
                .map(|c| fit.scores[c / LANES][row][c % LANES])
                .collect();
            softmax(&mut scores, &[true; 40]);
            let class = *class as usize;
            let part = fit.combination[class / LANES][row][class % LANES];
            assert!(
                (part - (1.0 - scores[class]) / 0.1).abs() < 0.05,
                "row {row}"
            );
            assert!(scores[class] > 0.5, "row {row}");
        }
    }
}
