//! How a layer blends with those below: the shader returns what the factors here need.
//!
//! | rule | result, with source s of alpha a over destination d |
//! |---|---|
//! | normal | s·a + d·(1 − a) |
//! | add | d + s·a |
//! | multiply | d · (1 − a + s·a) |
//! | screen | 1 − (1 − d)·(1 − s·a) |

use downbeat_protocol::Blend;

/// The entry point of the fragment shader and the pipeline's blend state for a rule.
pub fn rule(blend: Blend) -> (&'static str, wgpu::BlendState) {
    use wgpu::BlendFactor::{Dst, One, OneMinusSrc, OneMinusSrcAlpha, Zero};
    let (entry, src_factor, dst_factor) = match blend {
        // `light` returns s·a.
        Blend::Normal => ("light", One, OneMinusSrcAlpha),
        Blend::Add => ("light", One, One),
        Blend::Screen => ("light", One, OneMinusSrc),
        // `filtering` returns 1 − a + s·a.
        Blend::Multiply => ("filtering", Dst, Zero),
    };
    let color = wgpu::BlendComponent { src_factor, dst_factor, operation: wgpu::BlendOperation::Add };
    (entry, wgpu::BlendState { color, alpha: opaque() })
}

/// The canvas is opaque, whatever is on it.
fn opaque() -> wgpu::BlendComponent {
    wgpu::BlendComponent {
        src_factor: wgpu::BlendFactor::Zero,
        dst_factor: wgpu::BlendFactor::One,
        operation: wgpu::BlendOperation::Add,
    }
}
