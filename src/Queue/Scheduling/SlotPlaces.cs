namespace SlimtaFast.Queue.Scheduling;

/// <summary>Places from which items are taken out.</summary>
[Flags]
internal enum SlotPlaces : byte
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>From those that wait for their due time.</summary>
    Waiting = 1,

    /// <summary>From those that are held.</summary>
    Held = 2,

    /// <summary>From those that wait for their turn.</summary>
    Ready = 4,

    /// <summary>From wherever nothing is being done with them.</summary>
    All = Waiting | Held | Ready,
}
