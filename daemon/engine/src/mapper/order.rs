//! The order in which to compute parameters that use each other.

/// An order of `0..uses.len()` in which each comes after those that it uses; `Err` is a loop, each using the next.
///
/// Of all possible orders, this is the one nearest to the given order, so that it depends on nothing else.
pub(super) fn order(uses: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut done = Vec::with_capacity(uses.len());
    for start in 0..uses.len() {
        visit(start, uses, &mut done, &mut Vec::new())?;
    }
    Ok(done)
}

fn visit(at: usize, uses: &[Vec<usize>], done: &mut Vec<usize>, path: &mut Vec<usize>) -> Result<(), Vec<usize>> {
    if done.contains(&at) {
        return Ok(());
    }
    if let Some(start) = path.iter().position(|earlier| *earlier == at) {
        return Err(path[start..].to_vec());
    }
    path.push(at);
    for used in &uses[at] {
        visit(*used, uses, done, path)?;
    }
    path.pop();
    done.push(at);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_comes_first_and_the_rest_stays_in_order() {
        assert_eq!(order(&[vec![2], vec![], vec![1]]), Ok(vec![1, 2, 0]));
        assert_eq!(order(&[vec![], vec![], vec![]]), Ok(vec![0, 1, 2]));
    }

    #[test]
    fn a_circle_is_named_without_what_leads_to_it() {
        assert_eq!(order(&[vec![1], vec![2], vec![1]]), Err(vec![1, 2]));
        assert_eq!(order(&[vec![0]]), Err(vec![0]));
    }
}
