namespace SlimtaFast.Mail;

/// <summary>What becomes of a message that was not delivered in time (the by-mode of RFC 2852 section 4). The numbers are part of the envelope format.</summary>
public enum DeliverByMode : byte
{
    /// <summary><c>N</c>: the sender is told once that it is late, and delivery goes on.</summary>
    Notify = 0,

    /// <summary><c>R</c>: it is given up and returned.</summary>
    Return = 1,
}
