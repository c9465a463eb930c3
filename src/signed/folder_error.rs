/// Error reading a community from a folder of this device. Nothing was sent, and nothing of it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The link to a folder names another computer, or something that this version does not know.
    #[error(
        "the link to a folder of this device has the form file:///PATH, perhaps with #byway: and the community's id"
    )]
    Address,
    /// There is no such folder, or no community in it.
    #[error("there is no folder of a signed community at this path; is the card inserted?")]
    Absent,
    /// The system does not let this app read it, or the card failed, or did not answer in time.
    #[error("the folder can't be read: the device refuses it, or it did not answer in time")]
    Unreadable,
    /// A file in it is not what a mirror has there: damaged, too large, a link or a device.
    #[error("a file in the folder is not what the folder of a signed community has there, so nothing was taken")]
    Form,
}

codes! {
    FolderError {
        Address = "folder_address",
        Absent = "folder_absent",
        Unreadable = "folder_unreadable",
        Form = "folder_form",
    }
}
