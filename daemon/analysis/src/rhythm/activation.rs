//! Scaling of the nets' inputs, and activation functions of their layers.

/// Nothing below zero.
pub(super) fn rectify(values: &mut [f32]) {
    values.iter_mut().for_each(|value| *value = value.max(0.0));
}

/// A probability from the logarithm of its odds.
pub(super) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// Probabilities that sum up to one, from logarithms up to a constant.
pub(super) fn softmax(logits: &mut [f32]) {
    let greatest = logits.iter().copied().fold(f32::MIN, f32::max);
    logits.iter_mut().for_each(|logit| *logit = (*logit - greatest).exp());
    let total: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|share| *share /= total);
}

/// Inputs scaled and shifted as in training.
pub(super) fn scale(heard: &[f32], (scale, shift): (&[f32], &[f32]), inputs: &mut [f32]) {
    debug_assert_eq!(heard.len(), inputs.len(), "as many as the net was trained on");
    for ((input, heard), (scale, shift)) in inputs.iter_mut().zip(heard).zip(scale.iter().zip(shift)) {
        *input = heard * scale + shift;
    }
}
