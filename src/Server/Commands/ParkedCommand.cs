using System.CommandLine;
using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Queue.RabbitMq;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast queue parked</c>: the messages that workers could do nothing with.</summary>
internal static class ParkedCommand
{
    private const int UsualMost = 100;

    /// <summary>Makes the command.</summary>
    public static Command Create() => new("parked", "Messages that workers could do nothing with: each waits in the broker, with its reason, until somebody says what to do.")
    {
        CreateList(),
        CreateShow(),
        CreateRetry(),
        CreateRemove(),
    };

    private static Command CreateList()
    {
        Option<int> most = new("--most") { HelpName = "N", Description = $"How many at most. Default: {UsualMost}.", DefaultValueFactory = static _ => UsualMost };
        var command = new Command("list", "Prints the oldest ones: id, when it was parked, octets, sender, recipients and reason.") { most };
        var options = new SettingOptions(command, forWork: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            int count = parsed.GetValue(most);
            if (count < 1)
                throw new UsageException("--most: at least 1");
            TextWriter output = parsed.InvocationConfiguration.Output;
            foreach (ParkedMessage message in await Open(options, parsed).ListAsync(count, cancellationToken))
                await output.WriteLineAsync(Describe(message));
            return 0;
        });
        return command;
    }

    private static Command CreateShow()
    {
        Argument<string> id = new("ID") { Description = "The message." };
        var command = new Command("show", "Prints what is known of one.") { id };
        var options = new SettingOptions(command, forWork: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string name = parsed.GetValue(id)!;
            IReadOnlyList<ParkedMessage> all = await Open(options, parsed).ListAsync(int.MaxValue, cancellationToken);
            ParkedMessage message = all.FirstOrDefault(parked => parked.Id == name) ?? throw new UsageException($"no message {name} is parked");
            TextWriter output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync(Describe(message));
            if (message.Item is not { } head)
                return 0;
            Envelope envelope = head.Item.Envelope;
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"received {envelope.ReceivedAt:u} from {envelope.Client.Address}, {head.ContentLength} octets, {head.Item.State.Attempts} attempts"));
            for (int i = 0; i < envelope.Recipients.Count; i++)
                await output.WriteLineAsync($"{envelope.Recipients[i].Address}: {head.Item.State.Recipients[i].Phase} {head.Item.State.Recipients[i].LastReply}");
            return 0;
        });
        return command;
    }

    private static Command CreateRetry()
    {
        Argument<string?> id = new("ID") { Description = "The message.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> all = new("--all") { Description = "Every one that can be read." };
        var command = new Command("retry", "Gives messages to the workers again, as new ones.") { id, all };
        var options = new SettingOptions(command, forWork: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? name = parsed.GetValue(id);
            if (parsed.GetValue(all) == (name is not null))
                throw new UsageException("either an ID or --all says which");
            int count = await Open(options, parsed).RetryAsync(name, cancellationToken);
            if (count == 0 && name is not null)
                throw new UsageException($"no message {name} is parked, or it cannot be read");
            await parsed.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{count} messages are with the workers again"));
            return 0;
        });
        return command;
    }

    private static Command CreateRemove()
    {
        Argument<string> id = new("ID") { Description = "The message." };
        var command = new Command("remove", "Removes a message for good; nobody is told.") { id };
        var options = new SettingOptions(command, forWork: true);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string name = parsed.GetValue(id)!;
            if (await Open(options, parsed).RemoveAsync(name, cancellationToken) == 0)
                throw new UsageException($"no message {name} is parked");
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{name} is gone");
            return 0;
        });
        return command;
    }

    private static ParkedMessages Open(SettingOptions options, ParseResult parsed)
    {
        ServeSettings settings = ServeCommand.ReadSettings(options.Load(parsed));
        return settings.QueueAddress.Kind == QueueKind.Broker
            ? new ParkedMessages(settings.Broker.ForOnce(), TimeProvider.System)
            : throw new UsageException("--queue: messages are parked in a broker only; name it, as in --queue amqp://HOST");
    }

    private static string Describe(ParkedMessage message)
    {
        string id = message.Id.Length > 0 ? message.Id : "(no id)";
        string mail = message.Item is { } head ? $"<{head.Item.Envelope.ReversePath}> to {string.Join(", ", head.Item.Envelope.Recipients.Select(static recipient => recipient.Address))}" : "(cannot be read)";
        return string.Create(CultureInfo.InvariantCulture, $"{id} {message.ParkedAt:u} {message.Octets} {mail}: {message.Reason}");
    }
}
