using System.Text;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol.Tests.Sasl;

public class ScramTests
{
    // The example of RFC 7677 section 3.
    private const string ClientNonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string ClientFirst = $"n,,n=user,r={ClientNonce}";
    private const string ServerFirst = $"r={ClientNonce}{ServerNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string ClientFinal = $"c=biws,r={ClientNonce}{ServerNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private static readonly byte[] Key = new byte[32];
    private static readonly byte[] Channel = "certificate hash"u8.ToArray();
    private static readonly ScramVerifier Verifier = ScramVerifier.Create("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

    [Fact]
    public void Server_plays_the_example_of_RFC_7677()
    {
        ScramServer server = Server();

        Assert.Equal(SaslStatus.Ask, server.Begin(Bytes(ClientFirst)));
        Assert.Equal((AuthenticationRequestKind.Verifier, "user", ""), (server.Question!.Kind, server.Question.UserName, server.Question.Secret));
        Assert.Equal(SaslStatus.Challenge, server.Resume(AuthenticationAnswer.Verifier(Verifier)));
        Assert.Equal(ServerFirst, Text(server.Challenge));
        Assert.Equal(SaslStatus.Challenge, server.Take(Bytes(ClientFinal)));
        Assert.Equal(ServerFinal, Text(server.Challenge));
        Assert.Equal(SaslStatus.Succeeded, server.Take([]));
        Assert.Equal("user", server.Identity);
    }

    [Fact]
    public void Client_plays_the_example_of_RFC_7677()
    {
        var client = new ScramClient("user", "pencil", ClientNonce, default, isPlus: false);

        Assert.Equal(ClientFirst, Text(client.Begin()));
        Assert.Equal(ClientFinal, Text(client.Respond(Bytes(ServerFirst))));
        Assert.False(client.IsSatisfied);
        Assert.Equal("", Text(client.Respond(Bytes(ServerFinal))));
        Assert.True(client.IsSatisfied);
    }

    [Fact]
    public void Client_refuses_a_server_that_does_not_know_the_verifier()
    {
        var client = new ScramClient("user", "pencil", ClientNonce, default, isPlus: false);
        client.Respond(Bytes(ServerFirst));

        Assert.Null(client.Respond(Bytes("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=")));
        Assert.False(client.IsSatisfied);
    }

    [Theory]
    [InlineData("r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=2147483647")]
    [InlineData("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096x")]
    [InlineData("e=other-error")]
    [InlineData("")]
    public void Client_refuses_a_first_message_that_may_not_be(string challenge) =>
        Assert.Null(new ScramClient("user", "pencil", ClientNonce, default, isPlus: false).Respond(Bytes(challenge)));

    [Theory]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,r=abc")]
    [InlineData("n,,n=user")]
    [InlineData("n,,n=user,r=")]
    [InlineData("n,,m=ext,n=user,r=abc")]
    [InlineData("n,,n=us=2Aer,r=abc")]
    [InlineData("n,,n=user=,r=abc")]
    [InlineData("n,x=other,n=user,r=abc")]
    [InlineData("z,,n=user,r=abc")]
    [InlineData("p=tls-server-end-point,,n=user,r=abc")]
    [InlineData("n,,n=user,r=a\u0001b")]
    [InlineData("n")]
    [InlineData("")]
    public void Server_refuses_a_first_message_that_may_not_be(string message) => Assert.Equal(SaslStatus.Malformed, Server().Begin(Bytes(message)));

    [Fact]
    public void Server_takes_a_quoted_name_and_unknown_extensions()
    {
        ScramServer server = Server();
        Assert.Equal(SaslStatus.Ask, server.Begin(Bytes("n,,n=a=2Cb=3Dc,r=abc,z=more")));
        Assert.Equal("a,b=c", server.Question!.UserName);
    }

    [Theory]
    [InlineData("n,a=user,n=user,r=abc", nameof(SaslStatus.Ask))]
    [InlineData("n,a=admin,n=user,r=abc", nameof(SaslStatus.Rejected))]
    public void Nobody_acts_for_somebody_else(string message, string expected) => Assert.Equal(expected, Server().Begin(Bytes(message)).ToString());

    [Theory]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVR=", nameof(SaslStatus.Malformed))]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", nameof(SaslStatus.Rejected))]
    [InlineData("c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", nameof(SaslStatus.Rejected))]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", nameof(SaslStatus.Rejected))]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO,p=AAAA", nameof(SaslStatus.Malformed))]
    [InlineData("c=biws,r=rOprNGfwEbeRWgbNEkqO", nameof(SaslStatus.Malformed))]
    [InlineData("r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", nameof(SaslStatus.Malformed))]
    [InlineData("", nameof(SaslStatus.Malformed))]
    public void Server_refuses_a_final_message_that_may_not_be(string message, string expected)
    {
        ScramServer server = Server();
        server.Begin(Bytes(ClientFirst));
        server.Resume(AuthenticationAnswer.Verifier(Verifier));
        Assert.Equal(expected, server.Take(Bytes(message)).ToString());
    }

    [Fact]
    public void Unknown_user_looks_like_one_with_a_wrong_password()
    {
        string first = Challenge("nobody"), second = Challenge("NOBODY"), other = Challenge("somebody");
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);

        ScramServer server = Server();
        server.Begin(Bytes(ClientFirst));
        Assert.Equal(SaslStatus.Challenge, server.Resume(AuthenticationAnswer.Rejected));
        Assert.Equal(SaslStatus.Rejected, server.Take(Bytes(ClientFinal)));

        static string Challenge(string name)
        {
            ScramServer server = Server();
            server.Begin(Bytes($"n,,n={name},r=abc"));
            server.Resume(AuthenticationAnswer.Rejected);
            return Text(server.Challenge);
        }
    }

    [Fact]
    public void Bound_exchange_succeeds_on_its_channel_only()
    {
        Assert.Equal(SaslStatus.Succeeded, Run(Channel, Channel, isPlus: true));
        Assert.Equal(SaslStatus.Rejected, Run("somebody between us"u8.ToArray(), Channel, isPlus: true));
    }

    [Fact]
    public void Client_that_was_not_shown_the_bound_mechanism_is_refused_as_a_downgrade()
    {
        Assert.Equal(SaslStatus.Downgraded, Run(Channel, Channel, isPlus: false));
        // A server that cannot bind is no downgrade.
        Assert.Equal(SaslStatus.Succeeded, Run(Channel, [], isPlus: false));
    }

    [Fact]
    public void Verifier_is_read_as_it_was_written()
    {
        string text = Verifier.ToString();
        Assert.Equal("{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=", text);
        Assert.True(ScramVerifier.TryParse(text, out ScramVerifier? read));
        Assert.Equal(text, read.ToString());
        Assert.True(read.Matches("pencil"));
        Assert.False(read.Matches("Pencil"));
        Assert.False(read.Matches("\0"));
        Assert.False(ScramVerifier.ForUnknown(Key, "user", 4096).Matches("pencil"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{SHA}abc")]
    [InlineData("{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,AAAA,AAAA")]
    [InlineData("{SCRAM-SHA-256}0,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    [InlineData("{SCRAM-SHA-256}99999999,W22ZaJ0SNY7soEsUEjb6gQ==,WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=")]
    public void Text_that_is_no_verifier_is_refused(string text) => Assert.False(ScramVerifier.TryParse(text, out _));

    private static ScramServer Server(bool isPlus = false, byte[]? channel = null) =>
        new(isPlus, channel is { Length: > 0 }, _ => channel ?? default(ReadOnlyMemory<byte>), ServerNonce, Key);

    private static SaslStatus Run(byte[] clientChannel, byte[] serverChannel, bool isPlus)
    {
        var client = new ScramClient("user", "pencil", ClientNonce, clientChannel, isPlus);
        ScramServer server = Server(isPlus, serverChannel);
        SaslStatus status = server.Begin(client.Begin());
        while (status is SaslStatus.Ask or SaslStatus.Challenge)
            status = status == SaslStatus.Ask ? server.Resume(AuthenticationAnswer.Verifier(Verifier)) : server.Take(client.Respond(server.Challenge.Span));
        return status;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(byte[]? octets) => Encoding.UTF8.GetString(Assert.IsType<byte[]>(octets));

    private static string Text(ReadOnlyMemory<byte> octets) => Encoding.UTF8.GetString(octets.Span);
}
