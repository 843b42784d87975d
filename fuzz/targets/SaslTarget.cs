using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Fuzz.Targets;

/// <summary>
/// Every mechanism of AUTH as the server. The input's lines are a client's responses, decoded; the first octet chooses the mechanism. A
/// mechanism ends within its rounds, never says yes to who knows no secret, and what it sends may stand in a challenge.
/// </summary>
public sealed class SaslTarget : IFuzzTarget
{
    private const int MostRounds = 4;

    private static readonly byte[] Key = new byte[32];
    private static readonly ScramVerifier Verifier = ScramVerifier.Create("nobody guesses this", Key, 1);

    /// <inheritdoc/>
    public string Name => "sasl";

    /// <inheritdoc/>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
            return;
        SaslServer server = Start(SaslMechanisms.All[input[0] % SaslMechanisms.All.Count]);
        input = input[1..];
        bool isFirst = true;
        SaslStatus status = SaslStatus.Challenge;
        int rounds = 0;
        while (status is SaslStatus.Challenge or SaslStatus.Ask)
        {
            if (status == SaslStatus.Ask)
            {
                FuzzAssert.That(server.Question is { UserName: not null }, "A question has no user.");
                status = server.Resume(Answer(server.Question!.Kind));
            }
            else
            {
                FuzzAssert.That(rounds++ < MostRounds, "A mechanism never ends.");
                int end = input.IndexOf((byte)'\n');
                ReadOnlySpan<byte> response = end < 0 ? input : input[..end];
                input = end < 0 ? default : input[(end + 1)..];
                status = isFirst ? server.Begin(response) : server.Take(response);
                isFirst = false;
            }

            FuzzAssert.That(status != SaslStatus.Challenge || !server.Challenge.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~'), "A challenge holds what none may hold.");
        }

        FuzzAssert.That(status != SaslStatus.Succeeded, "Somebody was let in who knows no secret.");
    }

    private static SaslServer Start(string name) => name switch
    {
        SaslMechanisms.Plain => new PlainServer(),
        SaslMechanisms.Login => new LoginServer(),
        SaslMechanisms.CramMd5 => new CramMd5Server("<1896.697170952@postoffice.example>"),
        SaslMechanisms.ScramSha256 or SaslMechanisms.ScramSha256Plus => new ScramServer(name == SaslMechanisms.ScramSha256Plus, false, static _ => Key, "ownnonce", Key),
        _ => new BearerServer(name, "mail"),
    };

    private static AuthenticationAnswer Answer(AuthenticationRequestKind kind) => kind switch
    {
        AuthenticationRequestKind.Verifier => AuthenticationAnswer.Verifier(Verifier),
        AuthenticationRequestKind.Secret => AuthenticationAnswer.Secret("nobody guesses this"),
        _ => AuthenticationAnswer.Rejected,
    };
}
