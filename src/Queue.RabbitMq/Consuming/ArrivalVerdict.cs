namespace SlimtaFast.Queue.RabbitMq.Consuming;

/// <summary>What a message that was handed to us is.</summary>
internal enum ArrivalVerdict
{
    /// <summary>One that we did not have.</summary>
    New,

    /// <summary>One that we had when its channel was lost: it goes on where it was.</summary>
    Again,

    /// <summary>A copy of one that we have, or are done with.</summary>
    Superfluous,

    /// <summary>None of ours any more: its channel has ended, and it is handed out anew. It must not be acknowledged.</summary>
    Ended,
}
