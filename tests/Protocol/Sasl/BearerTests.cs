using System.Text;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol.Tests.Sasl;

public class BearerTests
{
    // The example of RFC 7628 section 4.1.
    private const string Standard =
        "n,a=user@example.com,\u0001host=server.example.com\u0001port=143\u0001auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001";

    [Theory]
    [InlineData(SaslMechanisms.OAuthBearer, Standard)]
    [InlineData(SaslMechanisms.XOAuth2, "user=user@example.com\u0001auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001")]
    [InlineData(SaslMechanisms.XOAuth2, "user=user@example.com\u0001auth=bearer  vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001")]
    public void Token_and_user_are_read(string mechanism, string message)
    {
        var server = new BearerServer(mechanism, null);
        Assert.Equal(SaslStatus.Ask, server.Begin(Encoding.UTF8.GetBytes(message)));
        Assert.Equal(
            (AuthenticationRequestKind.Token, "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="),
            (server.Question!.Kind, server.Question.UserName, server.Question.Secret));
        Assert.Equal(SaslStatus.Succeeded, server.Resume(AuthenticationAnswer.Accept("user@example.com")));
    }

    [Theory]
    [InlineData(SaslMechanisms.OAuthBearer, """{"status":"invalid_token","schemes":"bearer","scope":"mail"}""")]
    [InlineData(SaslMechanisms.XOAuth2, """{"status":"401","schemes":"bearer","scope":"mail"}""")]
    public void Refused_token_is_explained_and_the_answer_ends_the_exchange(string mechanism, string expected)
    {
        var server = new BearerServer(mechanism, "mail");
        server.Begin(new BearerClient(mechanism, "user", "token").Begin());
        Assert.Equal(SaslStatus.Challenge, server.Resume(AuthenticationAnswer.Rejected));
        Assert.Equal(expected, Encoding.UTF8.GetString(server.Challenge.Span));
        Assert.True(server.IsRefused);
        Assert.Equal(SaslStatus.Rejected, server.Take([1]));
    }

    [Theory]
    [InlineData(SaslMechanisms.OAuthBearer, "")]
    [InlineData(SaslMechanisms.OAuthBearer, "n,,")]
    [InlineData(SaslMechanisms.OAuthBearer, "n,,\u0001\u0001")]
    [InlineData(SaslMechanisms.OAuthBearer, "n,,\u0001auth=Bearer a b\u0001\u0001")]
    [InlineData(SaslMechanisms.OAuthBearer, "n,,\u0001auth=Basic abc\u0001\u0001")]
    [InlineData(SaslMechanisms.OAuthBearer, "n,,\u0001auth=Bearer abc\u0001")]
    [InlineData(SaslMechanisms.OAuthBearer, "n,,\u0001auth=Bearer abc\u0001\u0001more")]
    [InlineData(SaslMechanisms.OAuthBearer, "n,,\u0001auth=Bearer abc\u0001auth=Bearer abc\u0001\u0001")]
    [InlineData(SaslMechanisms.OAuthBearer, "p=tls-server-end-point,,\u0001auth=Bearer abc\u0001\u0001")]
    [InlineData(SaslMechanisms.XOAuth2, "user=")]
    [InlineData(SaslMechanisms.XOAuth2, "auth=Bearer abc\u0001\u0001")]
    [InlineData(SaslMechanisms.XOAuth2, "user=a\u0001auth=Bearer \u0001\u0001")]
    public void Malformed_message_is_refused(string mechanism, string message) =>
        Assert.Equal(SaslStatus.Malformed, new BearerServer(mechanism, null).Begin(Encoding.UTF8.GetBytes(message)));

    [Theory]
    [InlineData(SaslMechanisms.OAuthBearer)]
    [InlineData(SaslMechanisms.XOAuth2)]
    public void Client_answers_a_refusal_once(string mechanism)
    {
        var client = new BearerClient(mechanism, "us,er", "token");
        Assert.True(client.IsSatisfied);
        Assert.NotNull(client.Respond("{}"u8));
        Assert.False(client.IsSatisfied);
        Assert.Null(client.Respond("{}"u8));
    }
}
