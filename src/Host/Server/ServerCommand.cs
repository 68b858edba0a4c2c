using System.CommandLine;

namespace VioActors.Daemon.Server;

/// <summary><c>vio server --config FILE</c>.</summary>
internal static class ServerCommand
{
    /// <summary>The command; its action returns the exit code.</summary>
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config")
        {
            Description = "Configuration of the site; config/site.json shows every option.",
            Required = true,
        };
        var store = new Option<string?>("--store")
        {
            Description = "The store, in place of the configuration's: a path, or Host=..;Database=..;Username=..",
        };
        var command = new Command("server", "Run a server of the site: actors, API and the agents' listener.")
        {
            config, store,
        };
        command.SetAction((parsed, stop) =>
            RunAsync(parsed.GetRequiredValue(config).FullName, parsed.GetValue(store), stop));
        return command;
    }

    private static async Task<int> RunAsync(string path, string? store, CancellationToken stop)
    {
        try
        {
            var options = ServerOptions.Load(path, store);
            return store is not null && options.StoreAddress.HasPassword
                ? throw new StartupException(
                    "Everybody on this machine can read the password in --store.",
                    "Put it into a file that Passfile=.. or PGPASSFILE names, or into the configuration.")
                {
                    IsWrongUsage = true,
                }
                : await ServerProcess.RunAsync(options, stop);
        }
        catch (StartupException wrong)
        {
            await Console.Error.WriteLineAsync($"vio server: {wrong.Message}");
            return wrong.ExitCode;
        }
    }
}
