//! The cells of a page, and which are taken.

use crate::form::ROWS;

/// A page's cells.
#[derive(Clone, Debug)]
pub struct Grid {
    columns: usize,
    taken: Vec<bool>,
    /// The start of the current cluster.
    from: usize,
}

impl Grid {
    /// An empty page.
    pub fn new(columns: usize) -> Self {
        Self { columns, taken: vec![false; columns * ROWS], from: 0 }
    }

    /// Starts a cluster below everything so far.
    pub fn begin(&mut self) {
        let last = self.taken.iter().rposition(|taken| *taken);
        self.from = last.map_or(0, |place| place / self.columns + 1);
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        !self.taken.contains(&true)
    }

    /// Takes the first free cells of this size, as column and row; none if there are none.
    pub fn take(&mut self, wide: usize, high: usize) -> Option<(usize, usize)> {
        let rows = self.from..(ROWS + 1).saturating_sub(high);
        let columns = 0..(self.columns + 1).saturating_sub(wide);
        let (column, row) = rows
            .flat_map(|row| columns.clone().map(move |column| (column, row)))
            .find(|place| self.cells(*place, wide, high).all(|cell| !self.taken[cell]))?;
        let cells: Vec<usize> = self.cells((column, row), wide, high).collect();
        cells.into_iter().for_each(|cell| self.taken[cell] = true);
        Some((column, row))
    }

    fn cells(&self, (column, row): (usize, usize), wide: usize, high: usize) -> impl Iterator<Item = usize> + use<> {
        let columns = self.columns;
        (row..row + high).flat_map(move |row| (column..column + wide).map(move |column| row * columns + column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_but_not_above_the_cluster() {
        let mut grid = Grid::new(4);
        assert_eq!(grid.take(2, 2), Some((0, 0)));
        assert_eq!(grid.take(3, 1), Some((0, 2)));
        assert_eq!(grid.take(2, 1), Some((2, 0)));
        grid.begin();
        assert_eq!(grid.take(1, 1), Some((0, 3)), "although there is room at the end of the rows above");
        assert_eq!(grid.take(1, ROWS), None);
        assert_eq!(grid.take(5, 1), None);
    }
}
