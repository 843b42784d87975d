namespace SlimtaFast.Mail;

/// <summary>By when the sender wants a message delivered (the BY parameter of RFC 2852). Immutable.</summary>
/// <param name="Deadline">When the time is over, counted from the MAIL command.</param>
/// <param name="Mode">What becomes of the message then.</param>
/// <param name="Trace">True where the sender wants to be told of each server that passed it on.</param>
/// <param name="IsPast">
/// True where the time was over before the message came (only with <see cref="DeliverByMode.Notify"/>): a server before us has told the sender.
/// </param>
public sealed record DeliverBy(DateTimeOffset Deadline, DeliverByMode Mode, bool Trace = false, bool IsPast = false)
{
    /// <summary>The most seconds that BY can carry, in either direction.</summary>
    public const long MostSeconds = 999_999_999;

    /// <summary>
    /// The seconds that are left, as the next hop is told them: rounded down, so that passing on never makes a deadline later. Negative where
    /// it is over.
    /// </summary>
    public long GetSecondsLeft(DateTimeOffset now) =>
        Math.Clamp((long)Math.Floor((Deadline - now).TotalSeconds), -MostSeconds, MostSeconds);

    /// <summary>True where the message has to go back to its sender, because its time is over.</summary>
    public bool HasToReturn(DateTimeOffset now) => Mode == DeliverByMode.Return && now >= Deadline;
}
