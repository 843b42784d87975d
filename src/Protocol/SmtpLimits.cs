using System.Globalization;

namespace SlimtaFast.Protocol;

/// <summary>The limits that a server announced (LIMITS, RFC 9422); each is 0 where it announced none. Immutable.</summary>
/// <param name="Messages">MAILMAX: transactions in one session.</param>
/// <param name="Recipients">RCPTMAX: recipients in one transaction.</param>
/// <param name="Domains">RCPTDOMAINMAX: recipient domains in one transaction.</param>
public readonly record struct SmtpLimits(int Messages, int Recipients, int Domains)
{
    /// <summary>
    /// Reads the parameters of LIMITS, <c>name "=" value</c> separated by blanks. Names are not case-sensitive; unknown ones, and values
    /// that are no positive number, are passed over, because a limit of nothing would mean that no mail can be sent.
    /// </summary>
    public static SmtpLimits Parse(ReadOnlySpan<char> parameters)
    {
        SmtpLimits limits = default;
        foreach (Range range in parameters.Split(' '))
        {
            ReadOnlySpan<char> parameter = parameters[range].Trim();
            int equals = parameter.IndexOf('=');
            if (equals <= 0 || !int.TryParse(parameter[(equals + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value == 0)
                continue;
            ReadOnlySpan<char> name = parameter[..equals];
            if (name.Equals("MAILMAX", StringComparison.OrdinalIgnoreCase))
                limits = limits with { Messages = value };
            else if (name.Equals("RCPTMAX", StringComparison.OrdinalIgnoreCase))
                limits = limits with { Recipients = value };
            else if (name.Equals("RCPTDOMAINMAX", StringComparison.OrdinalIgnoreCase))
                limits = limits with { Domains = value };
        }

        return limits;
    }
}
