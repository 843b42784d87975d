namespace SlimtaFast.Queue.Scheduling;

/// <summary>Whether a next hop is used.</summary>
internal enum HopState : byte
{
    /// <summary>As far as is known, it works.</summary>
    Up,

    /// <summary>It is down: nothing is attempted until its retry time.</summary>
    Suspended,

    /// <summary>Its retry time has come: one attempt at a time finds out.</summary>
    Probing,
}
