namespace SlimtaFast.MailAuth.Spf;

/// <summary>What the letters of macros stand for (RFC 7208 section 7.2). Immutable.</summary>
/// <param name="Request">The request.</param>
/// <param name="Client">Its address.</param>
/// <param name="SenderDomain">The sender's domain in A-labels: <c>o</c>.</param>
/// <param name="Hello">The name in the hello in A-labels: <c>h</c>.</param>
/// <param name="Domain">The domain whose record is evaluated: <c>d</c>.</param>
/// <param name="ValidatedName">The client's validated name: <c>p</c>.</param>
/// <param name="Receiver">Who asks: <c>r</c>.</param>
/// <param name="Now">When: <c>t</c>.</param>
internal readonly record struct MacroValues(
    SpfRequest Request, ClientAddress Client, string SenderDomain, string Hello, string Domain, string ValidatedName, string Receiver, DateTimeOffset Now)
{
    /// <summary>What a letter stands for.</summary>
    public string Get(char letter) => letter switch
    {
        's' => $"{Request.LocalPart}@{SenderDomain}",
        'l' => Request.LocalPart,
        'o' => SenderDomain,
        'd' => Domain,
        'i' => Client.ToDotted(),
        'p' => ValidatedName,
        'v' => Client.IsV4 ? "in-addr" : "ip6",
        'h' => Hello,
        'c' => Request.Client.ToString(),
        'r' => Receiver,
        _ => Now.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
