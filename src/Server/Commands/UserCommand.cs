using System.CommandLine;
using SlimtaFast.Edge;
using SlimtaFast.Protocol;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast user</c>: adds, removes and lists the users of a users file.</summary>
internal static class UserCommand
{
    // RFC 7677 section 4.
    private const int LeastIterations = 4096;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new(
        "user",
        """
        Keeps the users who may authenticate. A running server sees a change within about a second.

        Examples:
          slimtafast user add alice --users /etc/slimtafast.users < password-file
          slimtafast serve --users /etc/slimtafast.users
        """)
    {
        CreateAdd(),
        CreateRemove(),
        CreateList(),
    };

    private static Command CreateAdd()
    {
        Argument<string> name = new("NAME") { Description = "The user." };
        Option<string> file = FileOption();
        Option<int> iterations = new("--iterations")
        {
            HelpName = "N",
            Description = $"Rounds of hashing, {LeastIterations} to {ScramVerifier.MostIterations}. Default: {ScramVerifier.DefaultIterations}.",
            DefaultValueFactory = _ => ScramVerifier.DefaultIterations,
        };
        var command = new Command("add", "Adds a user, or changes his password. The password is the first line of standard input; the file gets its salted hash only.") { name, file, iterations };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            int rounds = parsed.GetValue(iterations);
            if (rounds is < LeastIterations or > ScramVerifier.MostIterations)
                throw new UsageException($"--iterations: {rounds} is not from {LeastIterations} to {ScramVerifier.MostIterations}");
            string password = await Console.In.ReadLineAsync(cancellationToken) ?? "";
            if (password.Length == 0)
                throw new UsageException("the password is expected on standard input, and there is none");
            string path = parsed.GetValue(file)!, user = parsed.GetValue(name)!;
            UsersFile users = await LoadAsync(path, cancellationToken);
            try
            {
                users.Set(user, password, rounds);
            }
            catch (ArgumentException wrong)
            {
                // Without the parameter's name, which means nothing outside.
                throw new UsageException(wrong.Message.Split(" (Parameter", StringSplitOptions.None)[0]);
            }

            await users.SaveAsync(path, cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{user} is in {path}: {users.Names.Count} users");
            return 0;
        });
        return command;
    }

    private static Command CreateRemove()
    {
        Argument<string> name = new("NAME") { Description = "The user." };
        Option<string> file = FileOption();
        var command = new Command("remove", "Removes a user.") { name, file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetValue(file)!, user = parsed.GetValue(name)!;
            UsersFile users = await LoadAsync(path, cancellationToken);
            if (!users.Remove(user))
                throw new UsageException($"{path} has no user {user}");
            await users.SaveAsync(path, cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{user} is no more in {path}: {users.Names.Count} users");
            return 0;
        });
        return command;
    }

    private static Command CreateList()
    {
        Option<string> file = FileOption();
        var command = new Command("list", "Prints the users' names.") { file };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            UsersFile users = await LoadAsync(parsed.GetValue(file)!, cancellationToken);
            foreach (string name in users.Names)
                await parsed.InvocationConfiguration.Output.WriteLineAsync(name);
            return 0;
        });
        return command;
    }

    private static Option<string> FileOption() => new("--users") { HelpName = "FILE", Description = "The users file.", Required = true };

    private static async Task<UsersFile> LoadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await UsersFile.LoadAsync(path, cancellationToken);
        }
        catch (FormatException wrong)
        {
            throw new UsageException($"{path}: {wrong.Message}");
        }
    }
}
