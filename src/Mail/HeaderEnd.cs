namespace SlimtaFast.Mail;

/// <summary>What ended a header section.</summary>
public enum HeaderEnd : byte
{
    /// <summary>Nothing yet: there may be more fields.</summary>
    None = 0,

    /// <summary>A blank line, as it should be.</summary>
    BlankLine,

    /// <summary>A line that is neither field nor continuation: the body begins with it, without a blank line.</summary>
    OtherLine,

    /// <summary>The end of the message: there is no body.</summary>
    EndOfMessage,

    /// <summary>The limit on the section's length; what follows was not looked at.</summary>
    Limit,
}
