namespace SlimtaFast.Queue.Sharing;

/// <summary>What became of the wish to claim one item by its id.</summary>
internal enum IdClaim
{
    /// <summary>It is this process's now, and has no place in the lists yet.</summary>
    Claimed,

    /// <summary>It has a place here, or just had one.</summary>
    Known,

    /// <summary>There is none, or another process has it.</summary>
    None,
}
