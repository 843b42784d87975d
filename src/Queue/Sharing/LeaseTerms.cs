namespace SlimtaFast.Queue.Sharing;

/// <summary>How long leases last. Immutable.</summary>
/// <param name="Duration">What the storage is asked for.</param>
/// <param name="Most">Items leased at once.</param>
internal sealed record LeaseTerms(TimeSpan Duration, int Most)
{
    /// <summary>
    /// How long before its end a lease is relied on no more: an attempt that could not renew it ends so long before anybody else can have the item.
    /// </summary>
    public TimeSpan Margin => Duration / 6;

    /// <summary>How often leases are renewed.</summary>
    public TimeSpan RenewEvery => Duration / 4;

    /// <summary>How often leases are looked at.</summary>
    public TimeSpan LookEvery => Duration / 12;
}
