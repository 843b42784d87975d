namespace SlimtaFast.Protocol;

/// <summary>What becomes of a message with a CR or LF that is not part of CRLF. Neither ever ends a line here, whatever the policy.</summary>
public enum BareLineEndPolicy
{
    /// <summary>Read to the true end, answer 550 5.6.11, and close after DATA: what follows cannot be trusted (SMTP smuggling).</summary>
    Reject,
}
