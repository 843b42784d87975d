using FsCheck.Xunit;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol.Tests.Sasl;

/// <summary>Whatever comes from the other side, a mechanism neither throws nor says yes.</summary>
public class MechanismPropertyTests
{
    private static readonly ScramVerifier Verifier = ScramVerifier.Create("pencil", new byte[16], 1);

    [Property(MaxTest = 2000)]
    public void Servers_stand_any_octets(byte[][] responses, bool initial)
    {
        foreach (string name in SaslMechanisms.All)
        {
            SaslServer server = Make(name);
            SaslStatus status = initial && responses.Length > 0 ? server.Begin(responses[0]) : server.Begin();
            foreach (byte[] response in responses.Skip(initial ? 1 : 0))
            {
                if (status == SaslStatus.Ask)
                    status = server.Resume(Answer(server.Question!.Kind));
                if (status != SaslStatus.Challenge)
                    break;
                status = server.Take(response);
            }

            Assert.NotEqual(SaslStatus.Succeeded, status);
        }
    }

    [Property(MaxTest = 2000)]
    public void Clients_stand_any_octets(byte[][] challenges)
    {
        SaslClient[] clients =
        [
            new PlainClient("user", "pencil"), new LoginClient("user", "pencil"), new BearerClient(SaslMechanisms.OAuthBearer, "user", "t"),
            new BearerClient(SaslMechanisms.XOAuth2, "user", "t"), new ScramClient("user", "pencil", "nonce", default, isPlus: false),
            new CramMd5Client("user", "pencil"),
        ];
        foreach (SaslClient client in clients)
        {
            client.Begin();
            foreach (byte[] challenge in challenges)
                client.Respond(challenge);
            Assert.False(client is ScramClient && client.IsSatisfied);
        }
    }

    private static SaslServer Make(string name) => name switch
    {
        SaslMechanisms.Plain => new PlainServer(),
        SaslMechanisms.Login => new LoginServer(),
        SaslMechanisms.CramMd5 => new CramMd5Server("<challenge@mx.example>"),
        SaslMechanisms.ScramSha256 or SaslMechanisms.ScramSha256Plus => new ScramServer(name == SaslMechanisms.ScramSha256Plus, false, _ => new byte[] { 1 }, "nonce", new byte[32]),
        _ => new BearerServer(name, null),
    };

    private static AuthenticationAnswer Answer(AuthenticationRequestKind kind) => kind switch
    {
        AuthenticationRequestKind.Verifier => AuthenticationAnswer.Verifier(Verifier),
        AuthenticationRequestKind.Secret => AuthenticationAnswer.Secret("pencil"),
        _ => AuthenticationAnswer.Rejected,
    };
}
