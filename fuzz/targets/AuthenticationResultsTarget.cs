using SlimtaFast.MailAuth;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>Reads who an Authentication-Results field claims to be of: comments and folds in front of it make no difference.</summary>
public sealed class AuthenticationResultsTarget : IFuzzTarget
{
    private const string ServerId = "mx.example.org";

    /// <inheritdoc/>
    public string Name => "authentication-results";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        bool isRead = AuthenticationResults.TryReadServerId(input, out string serverId);
        byte[] commented = [.. " (a (b) \\) c)\r\n\t"u8, .. input];
        FuzzAssert.That(AuthenticationResults.TryReadServerId(commented, out string again) == isRead && (!isRead || again == serverId), "A comment makes a difference.");
        FuzzAssert.That(!isRead || serverId.Length > 0, "An empty name was read.");
        FuzzAssert.That(isRead || AuthenticationResults.MayClaim(input, ServerId), "A field that cannot be read is let in.");
        _ = ReceivedSpf.MayClaim(input, ServerId);
        byte[] forged = [.. "mx.example.org; "u8, .. input];
        FuzzAssert.That(AuthenticationResults.MayClaim(forged, ServerId), "A forged field is let in.");
    }
}
