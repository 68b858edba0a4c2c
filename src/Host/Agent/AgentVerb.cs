using System.CommandLine;
using System.Net.Sockets;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Agent;

/// <summary><c>vio agent</c>, <c>vio agent join</c> and <c>vio agent rejoin</c>.</summary>
internal static class AgentVerb
{
    private const string DefaultConfig = "/etc/vio/agent.json";
    private const int LongestToken = 1024;

    /// <summary>The command tree.</summary>
    public static Command Create()
    {
        var config = new Option<string>("--config")
        {
            Description = "Configuration; config/agent.json shows every option",
            DefaultValueFactory = _ => DefaultConfig,
            Recursive = true,
        };
        var agent = new Command("agent", "Run the agent of this host")
        {
            config,
            Join("join", "Join this host to a site with a one-time token", config, again: false),
            Join("rejoin", "Get a new certificate with a one-time token; the host keeps its key and id", config,
                again: true),
        };
        agent.SetAction((parsed, cancel) => GuardAsync(async () =>
        {
            var options = AgentOptions.Load(parsed.GetValue(config)!);
            using var logs = LoggerFactory.Create(build => build.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            }));
            await AgentProcess.RunAsync(options, logs.CreateLogger("vio.agent"), cancel);
        }));
        return agent;
    }

    private static Command Join(string name, string description, Option<string> config, bool again)
    {
        // Never an argument: every user of the machine sees those.
        var token = new Option<string>("--token-file")
        {
            Description = "The file that holds the token; - is standard input",
            DefaultValueFactory = _ => "-",
        };
        var command = new Command(name, description) { token };
        command.SetAction((parsed, cancel) => GuardAsync(async () =>
        {
            var options = AgentOptions.Load(parsed.GetValue(config)!);
            var joined = File.Exists(Path.Combine(options.IdentityDirectory, "agent.pem"));
            if (joined && !again)
                throw new StartupException(
                    $"Host '{options.Name}' has joined already.", "Use 'vio agent rejoin' to get a new certificate.");
            var text = await ReadTokenAsync(parsed.GetValue(token)!, cancel);
            var membership = await new JoinClient(options, TimeProvider.System).JoinAsync(text, cancel);
            Console.WriteLine($"host {membership.HostName} ({membership.Host}) belongs to site {membership.Site}");
        }));
        return command;
    }

    private static async Task<string> ReadTokenAsync(string file, CancellationToken cancel)
    {
        try
        {
            using var reader = file == "-" ? Console.In : new StreamReader(file);
            var buffer = new char[LongestToken];
            var length = await reader.ReadBlockAsync(buffer, cancel);
            return new string(buffer, 0, length).Trim();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The join token cannot be read from {file}: {failed.Message}",
                "Put the token into a file that only you can read.", failed);
        }
    }

    private static async Task<int> GuardAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (StartupException failed)
        {
            await Console.Error.WriteLineAsync(failed.Message);
            return failed.ExitCode;
        }
        catch (SocketException failed)
        {
            await Console.Error.WriteLineAsync($"An address of the configuration cannot be used: {failed.Message}");
            return 1;
        }
    }
}
