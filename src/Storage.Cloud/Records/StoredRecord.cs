namespace SlimtaFast.Storage.Cloud.Records;

/// <summary>A record as it was found. Immutable.</summary>
/// <param name="Record">The record.</param>
/// <param name="Tag">The tag of the object that it stands in by itself; null where it is still the first line of the item's.</param>
internal sealed record StoredRecord(ItemRecord Record, string? Tag)
{
    /// <summary>What must be so for the record to be replaced.</summary>
    public PutCondition Unchanged => Tag is null ? PutCondition.Absent : PutCondition.Matches(Tag);
}
