//! Which of the windows on the screen a rule means, and what is hidden therefore. Pure: it is told what there is.

use beside_protocol::frame::{Rect, Region};

use crate::capture::hiding::{Hiding, WindowRule, within};

/// A window's number.
pub(super) type Id = u32;

/// The windows that can be seen, from the back to the front.
#[derive(Debug)]
pub(super) struct Stack {
    pub(super) tops: Vec<Top>,
    /// The bits of a number that tell windows of one program (one connection to the X server) from each other.
    pub(super) id_mask: u32,
}

/// A child of the root: a window manager's frame with a program's window in it, or a program's window itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Top {
    /// With its border, in pixels of the desktop.
    pub(super) rect: Rect,
    /// Whether no window manager looks after it: menus, tooltips and the like.
    pub(super) unmanaged: bool,
    /// The child itself, and what is in it down to the program's own window.
    pub(super) members: Vec<Member>,
}

/// A window that may be the one that a program has given class and title.
#[derive(Clone, Debug, Default)]
pub(super) struct Member {
    pub(super) id: Id,
    pub(super) classes: Vec<String>,
    pub(super) titles: Vec<String>,
    /// The window that it belongs to, if it says so.
    pub(super) transient_for: Option<Id>,
    /// Whether a window manager has marked it as a program's own.
    pub(super) managed: bool,
}

/// What of the windows is hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cover {
    /// The windows that rules hide, and where they are on the desktop.
    pub(super) windows: Vec<(Id, Rect)>,
    /// What can be seen of others where one window alone is shown, relative to the captured area.
    pub(super) others: Region,
    /// For each window of the stack, whether it is hidden.
    pub(super) hidden: Vec<bool>,
}

impl Stack {
    /// What is hidden of `area`.
    pub(super) fn cover(&self, hiding: &Hiding, area: &Rect) -> Cover {
        let mut hidden = vec![false; self.tops.len()];
        for rule in &hiding.windows {
            hidden.iter_mut().zip(self.family(rule)).for_each(|(hidden, meant)| *hidden |= meant);
        }
        let matched = self.tops.iter().zip(&hidden).filter(|(_, hidden)| **hidden);
        let windows = matched.filter_map(|(top, _)| Some((top.members.first()?.id, top.rect))).collect();
        let mut others = Region::new();
        if let Some(rule) = &hiding.only {
            let own = self.family(rule);
            others = self.around(&own, area);
            hidden.iter_mut().zip(own).for_each(|(hidden, own)| *hidden |= !own);
        }
        Cover { windows, others, hidden }
    }

    /// All but what can be seen of some windows. A region may hold more than it should, never less: so what is hidden is
    /// counted, not what is shown.
    fn around(&self, own: &[bool], area: &Rect) -> Region {
        let mut others = Region::from(area.size().rect());
        for (top, own) in self.tops.iter().zip(own) {
            let Some(rect) = within(&top.rect, area) else { continue };
            if *own { others.subtract(&rect) } else { others.add(rect) }
        }
        others
    }

    /// Which windows a rule means: those that match, and those that belong to them.
    fn family(&self, rule: &WindowRule) -> Vec<bool> {
        let matches = |top: &Top| top.members.iter().any(|member| member.is_meant(rule));
        let mut meant: Vec<bool> = self.tops.iter().map(matches).collect();
        let mut owners: Vec<Id> = Vec::new();
        for (top, _) in self.tops.iter().zip(&meant).filter(|(_, meant)| **meant) {
            owners.extend(top.own_ids(Some(rule)));
        }
        // A dialog of another program may belong to them, which does not make that program theirs.
        let programs: Vec<Id> = owners.iter().map(|id| id & !self.id_mask).collect();
        loop {
            let is_new = |(at, top): &(usize, &Top)| !meant[*at] && self.belongs(top, rule, &programs, &owners, &meant);
            let Some((at, top)) = self.tops.iter().enumerate().find(is_new) else { return meant };
            meant[at] = true;
            owners.extend(top.own_ids(None));
        }
    }

    /// Whether a window belongs to `owners`, which are meant by a rule, or to the programs that it means.
    fn belongs(&self, top: &Top, rule: &WindowRule, programs: &[Id], owners: &[Id], meant: &[bool]) -> bool {
        let parents = || top.members.iter().filter_map(|member| member.transient_for);
        if parents().any(|parent| owners.contains(&parent)) {
            return true;
        }
        let is_of_same_program = || top.own_ids(None).any(|id| programs.contains(&(id & !self.id_mask)));
        match rule {
            WindowRule::Class(_) => is_of_same_program(),
            // A menu or a dialog that does not say to which window it belongs may belong to this one.
            WindowRule::Title(_) | WindowRule::Id(_) => {
                let is_elsewhere = || parents().any(|parent| self.is_there(parent, meant));
                (top.unmanaged || parents().next().is_some()) && is_of_same_program() && !is_elsewhere()
            }
        }
    }

    /// Whether a window can be seen that is not meant.
    fn is_there(&self, id: Id, meant: &[bool]) -> bool {
        let not_meant = self.tops.iter().zip(meant).filter(|(_, meant)| !**meant);
        not_meant.flat_map(|(top, _)| &top.members).any(|member| member.id == id)
    }

    /// Which of the windows has a window in it that is known.
    pub(super) fn position(&self, id: Id) -> Option<usize> {
        self.tops.iter().position(|top| top.members.iter().any(|member| member.id == id))
    }
}

impl Member {
    fn is_meant(&self, rule: &WindowRule) -> bool {
        rule.matches(self.id, &self.classes, &self.titles)
    }
}

impl Top {
    /// The windows of the program that it shows: not the frame, which is the window manager's. Where nobody has marked
    /// them those that match, or all.
    fn own_ids(&self, rule: Option<&WindowRule>) -> impl Iterator<Item = Id> {
        let marked = self.members.iter().any(|member| member.managed);
        let matches = move |member: &&Member| rule.is_none_or(|rule| member.is_meant(rule));
        let is_own = move |member: &&Member| if marked { member.managed } else { matches(member) };
        self.members.iter().filter(is_own).map(|member| member.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect::new(0, 0, 100, 100);
    /// Numbers of windows of the window manager and of two programs.
    const MANAGER: Id = 0x0010_0000;
    const SAFE: Id = 0x0020_0000;
    const OTHER: Id = 0x0030_0000;

    fn member(id: Id, class: &str, title: &str) -> Member {
        Member { id, classes: vec![class.into()], titles: vec![title.into()], ..Member::default() }
    }

    /// A framed window; the frame has the title too.
    fn framed(id: Id, class: &str, title: &str, x: u32) -> Top {
        let frame = Member { id: MANAGER + (id >> 16), titles: vec![title.into()], ..Member::default() };
        let own = Member { managed: true, ..member(id, class, title) };
        Top { rect: Rect::new(x, 0, 10, 10), unmanaged: false, members: vec![frame, own] }
    }

    fn popup(id: Id, transient_for: Option<Id>, x: u32) -> Top {
        let member = Member { transient_for, ..member(id, "", "") };
        Top { rect: Rect::new(x, 0, 10, 10), unmanaged: true, members: vec![member] }
    }

    fn stack(tops: Vec<Top>) -> Stack {
        Stack { tops, id_mask: 0x000f_ffff }
    }

    fn hidden(stack: &Stack, rule: &str) -> Vec<bool> {
        stack.cover(&Hiding { windows: vec![rule.parse().unwrap()], ..Hiding::default() }, &AREA).hidden
    }

    #[test]
    fn a_class_hides_the_whole_program_and_no_other_frame() {
        let stack = stack(vec![
            framed(OTHER, "editor", "notes", 0),
            framed(SAFE, "Safe", "Safe", 20),
            framed(SAFE + 1, "helper", "unlock", 40),
            popup(SAFE + 2, None, 60),
            popup(OTHER + 1, Some(SAFE), 70),
            popup(OTHER + 2, None, 80),
        ]);
        assert_eq!(hidden(&stack, "class=safe"), [false, true, true, true, true, false]);
        // The frame has the title too, but its program is the window manager.
        assert_eq!(hidden(&stack, "title=notes"), [true, false, false, false, false, true]);
    }

    #[test]
    fn a_title_hides_a_window_its_dialogs_and_menus_and_no_other_window() {
        let dialog = |id, parent| {
            let mut top = framed(id, "browser", "Save", 40);
            top.members[1].transient_for = Some(parent);
            top
        };
        let stack = stack(vec![
            framed(OTHER, "browser", "My Bank", 0),
            framed(OTHER + 1, "browser", "News", 20),
            dialog(OTHER + 2, OTHER),
            dialog(OTHER + 3, OTHER + 1),
            popup(OTHER + 4, Some(OTHER + 2), 60),
            popup(OTHER + 5, Some(OTHER + 3), 60),
            popup(OTHER + 6, None, 60),
            popup(OTHER + 7, Some(OTHER + 99), 60),
        ]);
        assert_eq!(hidden(&stack, "title=*bank*"), [true, false, true, false, true, false, true, true]);
    }

    #[test]
    fn of_one_window_what_is_not_covered_is_shown() {
        let mut tops = vec![
            framed(OTHER, "desktop", "", 0),
            framed(SAFE, "editor", "notes", 20),
            popup(SAFE + 1, None, 28),
            framed(OTHER + 1, "chat", "hello", 24),
        ];
        tops[0].rect = AREA;
        tops[3].rect = Rect::new(24, 4, 3, 100);
        let hiding = Hiding { only: Some("class=editor".parse().unwrap()), ..Hiding::default() };
        let cover = stack(tops).cover(&hiding, &AREA);
        let shown = cover.others.outside(&AREA);
        assert_eq!(shown.iter().map(Rect::pixels).sum::<u64>(), 100 + 80 - 3 * 6);
        assert!(shown.iter().all(|rect| Rect::new(20, 0, 18, 10).contains(rect)));
        assert_eq!(cover.hidden, [true, false, false, true]);
    }

    #[test]
    fn without_the_window_nothing_is_shown() {
        let hiding = Hiding { only: Some("class=editor".parse().unwrap()), ..Hiding::default() };
        let cover = stack(vec![framed(OTHER, "desktop", "", 0)]).cover(&hiding, &AREA);
        assert_eq!(cover.others, AREA.into());
    }
}
