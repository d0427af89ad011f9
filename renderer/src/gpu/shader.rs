//! Assembles a scene's shader: common code, a function for each of its parameters, the scene, the entry points.

use crate::scenes::Scene;
use std::fmt::Write;

const COMMON: &str = include_str!("../../shaders/common.wgsl");
const PICTURE: &str = include_str!("../../shaders/picture.wgsl");
const MEMORY: &str = include_str!("../../shaders/memory.wgsl");

/// The WGSL that draws a scene on the canvas.
pub fn picture_source(scene: &Scene) -> String {
    let mut source = String::from(COMMON);
    for (index, parameter) in scene.parameters.iter().enumerate() {
        let (vector, component) = (index / 4, index % 4);
        // Writing to a string cannot fail.
        let _ =
            writeln!(source, "fn {}() -> f32 {{ return frame.parameters[{vector}][{component}]; }}", parameter.name);
    }
    source + scene.shader + PICTURE
}

/// The WGSL for a tick of a scene's memory.
pub fn tick_source(scene: &Scene) -> String {
    picture_source(scene) + MEMORY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenes::SCENES;
    use wgpu::naga;

    fn validate(name: &str, source: &str) -> naga::Module {
        let module = naga::front::wgsl::parse_str(source)
            .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string_with_path(source, name)));
        naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::empty())
            .validate(&module)
            .unwrap_or_else(|error| panic!("{name}: {}", error.emit_to_string_with_path(source, name)));
        module
    }

    #[test]
    fn every_shader_is_valid() {
        for scene in SCENES {
            validate(scene.name, &picture_source(scene));
            if scene.remembers {
                validate(scene.name, &tick_source(scene));
            }
        }
    }

    #[test]
    fn the_uniforms_are_laid_out_as_the_shader_reads_them() {
        let module = validate("common", COMMON);
        let (_, frame) = module.types.iter().find(|(_, it)| it.name.as_deref() == Some("Frame")).expect("struct Frame");
        let naga::TypeInner::Struct { members, span } = &frame.inner else { panic!("a struct") };
        assert_eq!(*span as usize, size_of::<crate::gpu::Uniforms>());
        let offset = |name: &str| {
            members.iter().find(|member| member.name.as_deref() == Some(name)).map(|member| member.offset as usize)
        };
        for (name, at) in crate::gpu::Uniforms::OFFSETS {
            assert_eq!(offset(name), Some(*at), "{name}");
        }
    }
}
