namespace SlimtaFast.Queue.Sharing;

/// <summary>What becomes of an item that was claimed.</summary>
internal enum ClaimVerdict
{
    /// <summary>It gets a place in the lists.</summary>
    New,

    /// <summary>It has one already.</summary>
    Known,

    /// <summary>
    /// An attempt under a lost lease still runs, or what is known here is older than what another process made of it: it must be given back for a while,
    /// until its place is given up.
    /// </summary>
    InTheWay,
}
