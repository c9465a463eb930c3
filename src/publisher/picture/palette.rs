//! The palette of a PNG, written anew: the colours that are shown, each once, in the order in which pixels show them.
//!
//! Two places of a palette can hold one colour, or can both be transparent. Pixels that look alike then still differ in their number, and a
//! drawing that was erased can be read from that. So the old numbers and the old order are not kept.

use super::parts::Fault;

/// What is seen of a colour: red, green, blue and how far it covers. Of a wholly transparent one nothing is.
type Shown = [u8; 4];

pub(super) struct Palette {
    /// The colours at the old places.
    old: Vec<Shown>,
    /// The new places of the old ones.
    places: [Option<u8>; 256],
    new: Vec<Shown>,
}

impl Palette {
    /// Reads `PLTE` and `tRNS` (third edition, sections 11.2.2 and 11.3.1.1).
    pub(super) fn read(colours: &[u8], alphas: &[u8]) -> Result<Self, Fault> {
        let (colours, odd) = colours.as_chunks::<3>();
        if !odd.is_empty() || !(1..=256).contains(&colours.len()) || alphas.len() > colours.len() {
            return Err(Fault::Damaged);
        }
        let alphas = alphas.iter().copied().chain(std::iter::repeat(u8::MAX));
        let shown = |([red, green, blue], alpha): (&[u8; 3], u8)| match alpha {
            0 => [0; 4],
            _ => [*red, *green, *blue, alpha],
        };
        let old = colours.iter().zip(alphas).map(shown).collect();
        Ok(Self { old, places: [None; 256], new: Vec::new() })
    }

    /// The new place of the colour at an old one.
    pub(super) fn moved(&mut self, old: u8) -> Result<u8, Fault> {
        let place = self.places.get_mut(usize::from(old)).ok_or(Fault::Damaged)?;
        if let Some(place) = *place {
            return Ok(place);
        }
        let colour = self.old.get(usize::from(old)).ok_or(Fault::Damaged)?;
        let at = self.new.iter().position(|known| known == colour).unwrap_or_else(|| {
            self.new.push(*colour);
            self.new.len() - 1
        });
        // There are as many as old ones at most.
        let at = u8::try_from(at).map_err(|_| Fault::Damaged)?;
        Ok(*place.insert(at))
    }

    /// `PLTE` and `tRNS` with the colours that were asked for.
    pub(super) fn written(&self) -> (Vec<u8>, Vec<u8>) {
        let colours = self.new.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect();
        let mut alphas: Vec<u8> = self.new.iter().map(|[.., alpha]| *alpha).collect();
        while alphas.pop_if(|alpha| *alpha == u8::MAX).is_some() {}
        (colours, alphas)
    }
}
