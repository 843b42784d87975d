namespace SlimtaFast.Mail;

/// <summary>What an attempt showed of the next hop itself, apart from the message.</summary>
public enum HopCondition : byte
{
    /// <summary>It answered: the hop works.</summary>
    Up,

    /// <summary>It answered, but asked for less (421, too many connections, a rate limit): fewer attempts at once.</summary>
    Busy,

    /// <summary>It could not be reached, or dropped the session before MAIL: suspend it, no attempt was used up.</summary>
    Down,
}
