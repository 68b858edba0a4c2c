using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VioActors.Contracts;

namespace VioActors.Daemon.Tests.Cli;

public sealed class ImageAddTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vio-image-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Uploads_what_is_missing_by_hash_and_then_states_the_image()
    {
        var (kernel, kernelHash) = Make("kernel", "K");
        var (initrd, initrdHash) = Make("initrd", "I");
        await using var server = await FakeServer.StartAsync();
        server.On($"HEAD blobs/{kernelHash}", _ => Task.CompletedTask);
        server.On($"PUT blobs/{initrdHash}", _ => Task.CompletedTask);
        server.On("PUT images/tiny", new { });

        var run = await CliRun.OfAsync(
            server, "image", "add", "tiny", "--kernel", kernel, "--initrd", initrd, "--cmdline", "quiet", "--json");

        Assert.Equal(0, run.Code);
        Assert.Equal("I", server.Requests.Single(
            seen => seen.Method == "PUT" && seen.Path.StartsWith("blobs/", StringComparison.Ordinal)).Body);
        var image = JsonSerializer.Deserialize<ImageDefinition>(run.Out, Wire.Json);
        Assert.Equal(
            new ImageDefinition("tiny", new Blob(kernelHash, 1), new Blob(initrdHash, 1), null, "quiet"), image);
    }

    [Fact]
    public async Task A_missing_file_is_2_and_named()
    {
        await using var server = await FakeServer.StartAsync();

        var run = await CliRun.OfAsync(
            server, "image", "add", "tiny", "--kernel", "/no/kernel", "--initrd", "/no/initrd");

        Assert.Equal(2, run.Code);
        Assert.Contains("/no/kernel", run.Error);
        Assert.Empty(server.Requests);
    }

    private (string Path, string Sha256) Make(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return (path, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }
}
