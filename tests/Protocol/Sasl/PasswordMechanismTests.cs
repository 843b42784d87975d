using System.Text;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Protocol.Tests.Sasl;

public class PasswordMechanismTests
{
    [Fact]
    public void Plain_asks_for_name_and_password()
    {
        var server = new PlainServer();
        Assert.Equal(SaslStatus.Ask, server.Begin("\0tim\0tanstaaftanstaaf"u8));
        Assert.Equal((AuthenticationRequestKind.Password, "tim", "tanstaaftanstaaf"), (server.Question!.Kind, server.Question.UserName, server.Question.Secret));
        Assert.Equal(SaslStatus.Succeeded, server.Resume(AuthenticationAnswer.Accept("Tim")));
        Assert.Equal("Tim", server.Identity);
    }

    [Theory]
    [InlineData("tim\0tim\0secret", nameof(SaslStatus.Ask))]
    [InlineData("admin\0tim\0secret", nameof(SaslStatus.Rejected))]
    [InlineData("", nameof(SaslStatus.Malformed))]
    [InlineData("tim\0secret", nameof(SaslStatus.Malformed))]
    [InlineData("\0\0", nameof(SaslStatus.Malformed))]
    [InlineData("\0tim\0", nameof(SaslStatus.Malformed))]
    [InlineData("\0\0secret", nameof(SaslStatus.Malformed))]
    [InlineData("\0tim\0sec\0ret", nameof(SaslStatus.Malformed))]
    [InlineData("\0ti\u0007m\0secret", nameof(SaslStatus.Rejected))]
    public void Plain_message_is_judged(string message, string expected) => Assert.Equal(expected, new PlainServer().Begin(Encoding.UTF8.GetBytes(message)).ToString());

    [Fact]
    public void Plain_refuses_malformed_UTF8() => Assert.Equal(SaslStatus.Malformed, new PlainServer().Begin([0, 0xFF, 0, (byte)'x']));

    [Fact]
    public void Login_asks_for_the_name_and_then_for_the_password()
    {
        var server = new LoginServer();
        Assert.Equal(SaslStatus.Challenge, server.Begin());
        Assert.Equal("Username:"u8, server.Challenge.Span);
        Assert.Equal(SaslStatus.Challenge, server.Take("tim"u8));
        Assert.Equal("Password:"u8, server.Challenge.Span);
        Assert.Equal(SaslStatus.Ask, server.Take("secret"u8));
        Assert.Equal(("tim", "secret"), (server.Question!.UserName, server.Question.Secret));
        Assert.Equal(SaslStatus.Rejected, server.Resume(AuthenticationAnswer.Rejected));
    }

    [Fact]
    public void Login_takes_the_name_as_initial_response()
    {
        var server = new LoginServer();
        Assert.Equal(SaslStatus.Challenge, server.Begin("tim"u8));
        Assert.Equal("Password:"u8, server.Challenge.Span);
    }

    [Theory]
    [InlineData("tanstaaftanstaaf", nameof(SaslStatus.Succeeded))]
    [InlineData("something else", nameof(SaslStatus.Rejected))]
    public void CramMd5_plays_the_example_of_RFC_2195(string secret, string expected)
    {
        var server = new CramMd5Server("<1896.697170952@postoffice.reston.mci.net>");
        Assert.Equal(SaslStatus.Challenge, server.Begin());
        Assert.Equal("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+", Convert.ToBase64String(server.Challenge.Span));
        Assert.Equal(SaslStatus.Ask, server.Take(Convert.FromBase64String("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw")));
        Assert.Equal((AuthenticationRequestKind.Secret, "tim"), (server.Question!.Kind, server.Question.UserName));
        Assert.Equal(expected, server.Resume(AuthenticationAnswer.Secret(secret)).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("tim")]
    [InlineData(" b913a602c7eda7a495b4e6e7334d3890")]
    [InlineData("tim b913a602c7eda7a495b4e6e7334d389")]
    [InlineData("tim b913a602c7eda7a495b4e6e7334d389g")]
    public void CramMd5_refuses_what_is_no_digest(string response)
    {
        var server = new CramMd5Server("<x@y>");
        server.Begin();
        Assert.Equal(SaslStatus.Malformed, server.Take(Encoding.UTF8.GetBytes(response)));
    }

    [Fact]
    public void CramMd5_takes_no_initial_response() => Assert.Equal(SaslStatus.Malformed, new CramMd5Server("<x@y>").Begin("x"u8));

    [Fact]
    public void CramMd5_rejects_an_unknown_user()
    {
        var server = new CramMd5Server("<x@y>");
        server.Take("tim b913a602c7eda7a495b4e6e7334d3890"u8);
        Assert.Equal(SaslStatus.Rejected, server.Resume(AuthenticationAnswer.Rejected));
    }

    [Theory]
    [InlineData("pencil", nameof(SaslStatus.Succeeded))]
    [InlineData("bleistift", nameof(SaslStatus.Rejected))]
    public void CramMd5_client_and_server_agree_on_the_secret(string known, string expected)
    {
        // A name may hold blanks and more than ASCII.
        var client = new CramMd5Client("t\u00efm o", "pencil");
        var server = new CramMd5Server("<x@y>");
        server.Begin();
        Assert.Null(client.Begin());
        Assert.False(client.IsSatisfied);
        Assert.Equal(SaslStatus.Ask, server.Take(client.Respond(server.Challenge.Span)!));
        Assert.Equal("t\u00efm o", server.Question!.UserName);
        Assert.Equal(expected, server.Resume(AuthenticationAnswer.Secret(known)).ToString());
        Assert.True(client.IsSatisfied);
        Assert.Null(client.Respond("again"u8));
    }
}
