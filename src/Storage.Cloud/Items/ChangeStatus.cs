namespace SlimtaFast.Storage.Cloud.Items;

/// <summary>What came of a change to an item.</summary>
internal enum ChangeStatus
{
    /// <summary>The lease is not the caller's any more.</summary>
    Refused,

    /// <summary>It is done.</summary>
    Done,

    /// <summary>There is no such item.</summary>
    NoSuchItem,
}
