namespace SlimtaFast.Storage.Redis.Items;

/// <summary>What a script answers that changes an item, or hands one out by its id; the numbers are those of the scripts.</summary>
internal enum UpdateStatus
{
    /// <summary>The lease is not the caller's, or not any more.</summary>
    Refused = 0,

    /// <summary>It is done.</summary>
    Done = 1,

    /// <summary>There is no such item at that place.</summary>
    NoSuchItem = 2,

    /// <summary>An update is repeated that was done; nothing was changed, and its bounces may be anybody's.</summary>
    DoneBefore = 3,
}
