using System.Collections.Immutable;
using System.Net;
using VioActors.Contracts;

namespace VioActors.Daemon.Cli;

/// <summary>
/// The part of the API about images. A file is uploaded only when the site does not have its content.
/// </summary>
internal sealed class ImageApi(ApiConnection connection)
{
    /// <summary>All images of the site.</summary>
    public Task<ImmutableArray<ImageDefinition>> ListAsync(CancellationToken cancel) =>
        connection.GetAsync<ImmutableArray<ImageDefinition>>("images", cancel);

    /// <summary>Makes an image known; its files must be there.</summary>
    public Task PutAsync(ImageDefinition image, CancellationToken cancel) =>
        connection.ChangeAsync<Nothing>(HttpMethod.Put, $"images/{ApiClient.Escape(image.Name)}", image, cancel);

    /// <summary>Forgets an image; running nodes keep theirs.</summary>
    public Task RemoveAsync(string name, CancellationToken cancel) =>
        connection.ChangeAsync<Nothing>(HttpMethod.Delete, $"images/{ApiClient.Escape(name)}", null, cancel);

    /// <summary>Whether the site has a file with this content.</summary>
    public async Task<bool> HasBlobAsync(string sha256, CancellationToken cancel)
    {
        try
        {
            await connection.SendAsync<Nothing>(HttpMethod.Head, $"blobs/{sha256}", () => null, cancel);
            return true;
        }
        catch (RefusedException refused) when (refused.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    /// <summary>Uploads a file. The server checks the hash while it stores it.</summary>
    /// <param name="sha256">Lower-case hex hash of the file.</param>
    /// <param name="path">The file.</param>
    /// <param name="progress">Called with the bytes sent so far.</param>
    /// <param name="cancel">Gives up; the server keeps nothing.</param>
    public Task PutBlobAsync(string sha256, string path, Action<long> progress, CancellationToken cancel) =>
        connection.SendAsync<Nothing>(
            HttpMethod.Put, $"blobs/{sha256}", () => new FileContent(File.OpenRead(path), progress), cancel,
            Timeout.InfiniteTimeSpan);
}
