namespace SlimtaFast.MailAuth;

/// <summary>The words for results as header fields, logs and configurations have them. Thread-safe.</summary>
public static class MailAuthResultNames
{
    private static readonly string[] Words = [.. Enum.GetNames<MailAuthResult>().Select(static name => name.ToLowerInvariant())];

    /// <summary>The word for a result in lower case, such as <c>softfail</c>.</summary>
    public static string ToWord(this MailAuthResult result) => Words[(int)result];
}
