namespace SlimtaFast.Admin.Live;

/// <summary>How the server was doing when it was asked.</summary>
internal sealed record LiveReading
{
    /// <summary>For how long these figures were counted.</summary>
    public required long UpSeconds { get; init; }

    /// <summary>Messages accepted.</summary>
    public required LiveRate Accepted { get; init; }

    /// <summary>Recipients delivered to.</summary>
    public required LiveRate Delivered { get; init; }

    /// <summary>Recipients to be tried again.</summary>
    public required LiveRate Deferred { get; init; }

    /// <summary>Recipients given up.</summary>
    public required LiveRate Bounced { get; init; }

    /// <summary>Connections, commands, recipients and messages refused.</summary>
    public required LiveRate Refused { get; init; }

    /// <summary>Connections being served.</summary>
    public required long Connections { get; init; }

    /// <summary>Time from 250 to delivery, in seconds; left out where nothing was delivered.</summary>
    public LiveDistribution? Delivery { get; init; }

    /// <summary>Time of a write and flush of the journal, in seconds; left out without a journal, or where nothing was written.</summary>
    public LiveDistribution? Flush { get; init; }

    /// <summary>Requests acknowledged by one flush.</summary>
    public LiveDistribution? Batch { get; init; }
}
