using Microsoft.Extensions.Time.Testing;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Edge.Tests.Auth;

public sealed class UsersFileTests
{
    [Fact]
    public void Text_is_read_as_it_was_written()
    {
        UsersFile users = UsersFile.Parse("# the house's users\n");
        users.Set("bob", "b", 4096);
        users.Set("Alice", "a", 5000);
        users.Set("bob", "other", 4096);
        UsersFile read = UsersFile.Parse(users.ToString());
        Assert.Equal(users.ToString(), read.ToString());
        Assert.StartsWith("# the house's users\n#key:", read.ToString(), StringComparison.Ordinal);
        Assert.Equal(["Alice", "bob"], read.Names);
        Assert.True(read.Find("ALICE")!.Verifier!.Matches("a"));
        Assert.True(read.Find("bob")!.Verifier!.Matches("other"));
        Assert.DoesNotContain("other", users.ToString(), StringComparison.Ordinal);
        Assert.True(read.Remove("BOB"));
        Assert.False(read.Remove("bob"));
    }

    [Theory]
    [InlineData("alice", "line 1")]
    [InlineData("\nalice:secret", "line 2")]
    [InlineData("#key:short", "line 1")]
    [InlineData("alice:{SCRAM-SHA-256}4096,AA==,AAAA,AAAA", "line 1")]
    public void Mistake_is_told_with_its_line_and_without_the_secret(string text, string expected)
    {
        string message = Assert.Throws<FormatException>(() => UsersFile.Parse(text)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData(" a", "x")]
    [InlineData("#a", "x")]
    [InlineData("a:b", "x")]
    [InlineData("a\nb", "x")]
    [InlineData("a", "")]
    [InlineData("a", "\u0007")]
    public void Name_and_password_that_may_not_be_are_refused(string name, string password) =>
        Assert.ThrowsAny<ArgumentException>(() => UsersFile.Parse("").Set(name, password, 4096));

    [Fact]
    public async Task Saved_file_replaces_the_old_one_and_is_its_owners_alone()
    {
        using var folder = new TemporaryFolder();
        string path = folder["users"];
        await File.WriteAllTextAsync(path, "");
        UsersFile users = await UsersFile.LoadAsync(path);
        users.Set("alice", "a", 4096);
        await users.SaveAsync(path);
        Assert.Equal(users.ToString(), await File.ReadAllTextAsync(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task Store_sees_a_change_keeps_the_old_users_when_the_file_is_bad_and_recovers()
    {
        using var folder = new TemporaryFolder();
        string path = folder["users"];
        UsersFile users = UsersFile.Parse("");
        users.Set("alice", "a", 4096);
        await users.SaveAsync(path);
        var time = new FakeTimeProvider();
        using UsersFileStore store = UsersFileStore.Open(path, time);
        Assert.True((await store.FindAsync("alice", default))!.Verifier!.Matches("a"));

        users.Set("alice", "b2", 4096);
        users.Set("bob", "b", 4096);
        await users.SaveAsync(path);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await store.FindAsync("bob", default))!.Verifier!.Matches("b"));
        Assert.True((await store.FindAsync("alice", default))!.Verifier!.Matches("b2"));

        await File.WriteAllTextAsync(path, "rubbish");
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await store.FindAsync("bob", default))!.Verifier!.Matches("b"));
        File.Delete(path);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await store.FindAsync("bob", default))!.Verifier!.Matches("b"));

        users.Remove("bob");
        await users.SaveAsync(path);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False((await store.FindAsync("bob", default))!.Verifier!.Matches("b"));
    }

    [Fact]
    public async Task Unknown_user_has_the_usual_iterations_and_the_same_salt_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        string path = folder["users"];
        UsersFile users = UsersFile.Parse("");
        users.Set("alice", "a", 5000);
        await users.SaveAsync(path);
        using UsersFileStore first = UsersFileStore.Open(path), second = UsersFileStore.Open(path);
        Credential one = (await first.FindAsync("nobody", default))!, other = (await second.FindAsync("nobody", default))!;
        Assert.Equal(5000, one.Verifier!.Iterations);
        Assert.Equal(one.Verifier.ToString(), other.Verifier!.ToString());
    }

    [Fact]
    public void Missing_file_is_refused_at_the_start() => Assert.ThrowsAny<IOException>(() => UsersFileStore.Open("/nonexistent/users"));
}
