namespace SlimtaFast.Storage.Disk.Journal;

/// <summary>What a part of a record holds. The numbers are part of the format.</summary>
internal enum PartKind : byte
{
    /// <summary>A message content; its octets stand behind the record's parts.</summary>
    Content = 1,

    /// <summary>The head of an item, its state at that time included.</summary>
    Head = 2,

    /// <summary>A later state of an item.</summary>
    State = 3,

    /// <summary>The item is closed; nothing of it counts any more.</summary>
    Close = 4,
}
