using System.CommandLine;
using System.Text.Json;
using VioActors.Daemon.Shell;

namespace VioActors.Daemon.Guest;

/// <summary><c>vio guest build</c>: the lab's guest image, for people who want to boot it by hand.</summary>
internal static class GuestCommands
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The command tree.</summary>
    public static Command Create()
    {
        var cache = new Option<string>("--cache")
        {
            Description = "Directory for packages and images",
            DefaultValueFactory = _ => GuestImageBuilder.DefaultCache,
        };
        var asJson = new Option<bool>("--json") { Description = "Print one line of JSON" };
        var build = new Command("build", "Build the lab's guest from Debian packages, downloaded and unpacked only")
            { cache, asJson };
        build.SetAction(async (parsed, cancel) =>
        {
            try
            {
                var builder = new GuestImageBuilder(new ProcessRunner(TimeProvider.System), parsed.GetValue(cache)!);
                var image = await builder.BuildAsync(cancel);
                Console.WriteLine(parsed.GetValue(asJson)
                    ? JsonSerializer.Serialize(image, Json)
                    : $"kernel {image.KernelPath}\ninitrd {image.InitrdPath}\ndisk   {image.DiskPath}");
                return 0;
            }
            catch (GuestImageException failure)
            {
                await Console.Error.WriteLineAsync(failure.Message);
                return 1;
            }
        });
        return new Command("guest", "The small guest of labs and demos") { build };
    }
}
